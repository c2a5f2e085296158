import { peekJws, Subscribe, statementType } from '@entente/schema'
import type { Bundle } from '../bundle/read-bundle.ts'

/** Which partners have, in the end, asked for which datasets no longer, by the statements held from them. */
export function unsubscribedIn(bundle: Bundle): (nation: string, dataset: string) => boolean {
  const gone = new Set<string>()
  for (const { from, jws } of bundle.received) {
    try {
      const { typ, payload } = peekJws(jws)
      if (typ !== statementType('subscribe')) continue
      const { action, dataset } = Subscribe.parse(payload)
      if (action === 'unsubscribe') gone.add(`${from} ${dataset}`)
      else gone.delete(`${from} ${dataset}`)
    } catch {
      // A statement that cannot be read is found where it is checked.
    }
  }
  return (nation, dataset) => gone.has(`${nation} ${dataset}`)
}
