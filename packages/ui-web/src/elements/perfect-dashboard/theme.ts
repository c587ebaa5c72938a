/** How the theme is chosen; `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark'

const KEY = 'perfect-theme'

/** Whether a theme is dark at the moment. */
export function isDark(theme: Theme): boolean {
  return theme === 'dark' || (theme !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
}

/** What the viewer chose last time; `auto` when nothing. Storage may be forbidden: then nothing is remembered. */
export function rememberedTheme(): Theme {
  try {
    const theme = localStorage.getItem(KEY)
    return theme === 'light' || theme === 'dark' ? theme : 'auto'
  } catch {
    return 'auto'
  }
}

/** Keeps the choice of the viewer for the next time. */
export function rememberTheme(theme: Theme): void {
  try {
    localStorage.setItem(KEY, theme)
  } catch {
    // A page without storage still switches for as long as it is open.
  }
}
