import type { Nation } from '@entente/schema'
import { createAccounts } from './accounts.ts'
import type { Rate } from './rate-limit.ts'
import { sleep } from './sleep.ts'

/** Time, ms, for which what goes once more to one partner may keep the loop: a tenth. */
const AGAIN_RATE: Rate = { burst: 40, perSecond: 100 }
/** What leaves is encrypted later, which takes about as long as making it. */
const LEAVING = 2

/**
 * What a partner has been sent goes to it again when it begins anew, which it may do as often as it likes, and be made each time: that is paced.
 * What goes for the first time is not, but one statement in a turn of the loop.
 */
export interface Resent {
  /**
   * Waits until a statement may be made for a partner.
   * @returns to be called once it is made
   */
  readonly turn: (
    nation: Nation,
    feed: string,
    seq: number,
    signal: AbortSignal,
  ) => Promise<() => void>
}

/** @param nowMs a clock that never goes back */
export function createResent(nowMs: () => number = () => performance.now()): Resent {
  const accounts = createAccounts(AGAIN_RATE, nowMs)
  /** The last statement of each feed that has gone, since this process began. */
  const gone = new Map<string, number>()
  return {
    turn: async (nation, feed, seq, signal) => {
      // Others come in between.
      await new Promise((resolve) => setImmediate(resolve))
      // It may not be made yet, and go later.
      if (seq > (gone.get(feed) ?? -1)) return () => void gone.set(feed, seq)
      for (
        let ms = accounts.owesMs(nation);
        ms > 0 && !signal.aborted;
        ms = accounts.owesMs(nation)
      )
        await sleep(ms, signal)
      const fromMs = nowMs()
      return () => accounts.charge(nation, LEAVING * (nowMs() - fromMs))
    },
  }
}
