/* What learns from runs and foretells them is a tenth of this package. It is loaded while an engine starts, not with the import of the package. */
import type * as forecasterParts from './forecaster-parts.ts'

let loaded: typeof forecasterParts | undefined

/** Loads what learns and foretells, once. Each engine does it before it takes runs. */
export async function loadForecaster(): Promise<void> {
  loaded ??= await import('./forecaster-parts.ts')
}

/** What learns and foretells, once it is loaded. */
export function forecaster(): typeof forecasterParts {
  if (loaded === undefined) throw new Error('An engine that has not started can foretell nothing')
  return loaded
}
