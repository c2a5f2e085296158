import { createHash } from 'node:crypto'
import { virtualNowMs } from './virtual-world.ts'

/** What happened in a run, in order; the same seed gives the same bytes. */
export interface Trace {
  readonly say: (who: string, what: string) => void
  /** A promise of the product was broken. */
  readonly fail: (what: string) => void
  readonly lines: () => readonly string[]
  readonly failures: () => readonly string[]
  readonly digest: () => string
}

export function createTrace(startMs: number): Trace {
  const lines: string[] = []
  const failures: string[] = []
  const say = (who: string, what: string) => {
    lines.push(`${String(virtualNowMs() - startMs).padStart(9)} ${who} ${what}`)
  }
  return {
    say,
    fail: (what) => {
      if (!failures.includes(what)) failures.push(what)
      say('!!!', what)
    },
    lines: () => lines,
    failures: () => failures,
    digest: () => createHash('sha256').update(lines.join('\n')).digest('hex'),
  }
}
