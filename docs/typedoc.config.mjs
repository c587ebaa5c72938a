// @ts-check
import { OptionDefaults } from 'typedoc'

/** @type {import('typedoc').TypeDocOptions} */
const config = {
  plugin: ['typedoc-plugin-markdown'],
  name: 'Perfect API',
  entryPointStrategy: 'packages',
  entryPoints: ['../packages/core', '../packages/http', '../packages/ui-web'],
  packageOptions: {
    readme: 'none',
    disableSources: true,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    // What the elements tell their users.
    blockTags: [...OptionDefaults.blockTags, '@fires', '@slot', '@csspart', '@cssproperty'],
    validation: { notExported: true, invalidLink: true, notDocumented: true },
    requiredToBeDocumented: ['Variable', 'Function', 'Class', 'Interface', 'TypeAlias', 'Accessor'],
  },
  out: 'api',
  readme: 'none',
  treatWarningsAsErrors: true,
}

export default config
