import { reportFigures } from '../harness/side.ts'
import { measureLive } from './measure.ts'

await reportFigures((task) => measureLive(task, { isFollowed: false }))
