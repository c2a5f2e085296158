import type { Deps, Partner } from '../deps.ts'
import type { RecipientFrame } from '../feed/frames.ts'
import { quarantinedOf } from './recipient-frames.ts'

/** Pauses between questions; the last one for ever, while something is still missing. */
const pausesMs = [1_000, 5_000, 30_000, 300_000]
/** Bodies asked for at a time. */
const AT_ONCE = 64

/** Asks one partner once more for bodies that were refused, all in turn, ever less often. */
export interface AskAgain extends Disposable {
  /** Something was refused, or repaired. */
  readonly check: () => void
}

export function createAskAgain(
  { db }: Deps,
  partner: Partner,
  send: (frame: RecipientFrame) => Promise<void>,
  onError: (error: unknown) => void,
): AskAgain {
  let timer: NodeJS.Timeout | undefined
  let rounds = 0
  let offset = 0
  const missing = (): number =>
    db
      .prepare('SELECT COUNT(*) AS n FROM quarantine JOIN feed_in USING (feed) WHERE sender = ?')
      .get(partner.nation)?.['n'] as number
  const isMissing = (): boolean =>
    db
      .prepare('SELECT 1 FROM feed_in JOIN quarantine USING (feed) WHERE sender = ? LIMIT 1')
      .get(partner.nation) !== undefined
  const ask = async (): Promise<void> => {
    if (offset >= missing()) offset = 0
    const asked = quarantinedOf(db, partner, AT_ONCE, offset)
    offset += asked.length
    for (const frame of asked) await send(frame)
  }
  const plan = (): void => {
    if (!isMissing()) {
      rounds = 0
      return
    }
    timer ??= setTimeout(
      () => {
        timer = undefined
        ask().then(plan, onError)
      },
      pausesMs[Math.min(rounds++, pausesMs.length - 1)],
    )
    timer.unref()
  }
  return { check: plan, [Symbol.dispose]: () => clearTimeout(timer) }
}
