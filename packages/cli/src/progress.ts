import type { Progress } from '@entente/node'
import { SingleBar } from 'cli-progress'
import type { Io } from './io.ts'

/** Shows how far a verb has come, on stderr: a bar on a terminal, else one line a stage. */
export function createProgress(
  io: Io,
  quiet: boolean,
): { readonly report: Progress; readonly stop: () => void } {
  let stage = ''
  let bar: SingleBar | null = null
  const stop = (): void => {
    bar?.stop()
    bar = null
  }
  const report: Progress = (event) => {
    if (quiet) return
    if (event.stage !== stage) {
      stop()
      stage = event.stage
      if (!io.bar) io.err(`${stage} …\n`)
      else {
        bar = new SingleBar({ format: `${stage} {bar} {value}/{total}`, hideCursor: true })
        bar.start(event.total ?? event.done, event.done)
      }
    }
    if (event.total !== undefined) bar?.setTotal(event.total)
    bar?.update(event.done)
  }
  return { report, stop }
}
