import type { NodeApi } from '../node-api.ts'

/** How long running verbs are waited for before nobody new is let in, and after that. */
const QUIET_MS = 30_000
const LAST_MS = 5_000

/** Gives each caller the node that is open now; while one is closed and opened again, callers wait. */
export interface Desk {
  readonly work: <T>(act: (api: NodeApi) => Promise<T>) => Promise<T>
  readonly hold: () => Promise<void>
  readonly resume: (api: NodeApi) => void
}

export function createDesk(first: NodeApi): Desk {
  let api = first
  let working = 0
  let gate: PromiseWithResolvers<void> | null = null
  let onQuiet: () => void = () => {}
  const quiet = (withinMs: number): Promise<void> =>
    new Promise((resolve) => {
      if (working === 0) return resolve()
      const timer = setTimeout(resolve, withinMs)
      onQuiet = () => {
        clearTimeout(timer)
        // In the same turn: whoever comes after the last answer finds the gate shut.
        gate ??= Promise.withResolvers()
        resolve()
      }
    })
  return {
    work: async (act) => {
      while (gate !== null) await gate.promise
      working++
      try {
        return await act(api)
      } finally {
        if (--working === 0) onQuiet()
      }
    },
    hold: async () => {
      await quiet(QUIET_MS)
      gate ??= Promise.withResolvers()
      await quiet(LAST_MS)
      onQuiet = () => {}
    },
    resume: (next) => {
      api = next
      onQuiet = () => {}
      gate?.resolve()
      gate = null
    },
  }
}
