// A note about unfinished work names its issue: `TODO(#12)`. Without one, nobody will ever do it.
import { report, sourceFiles } from './source-files.ts'

const NOTE = /\b(?:TODO|FIXME|XXX|HACK)\b(?!\(#\d+\))/u
const THIS_FILE = 'scripts/check-todos.ts'

const files = sourceFiles('.ts', '.mjs', '.py').filter((file) => file.path !== THIS_FILE)
const problems = files.flatMap((file) =>
  file.text
    .split('\n')
    .flatMap((line, index) => (NOTE.test(line) ? [`${file.path}:${String(index + 1)}: ${line.trim()}`] : [])),
)
report(problems, 'Name the issue: TODO(#12).')
