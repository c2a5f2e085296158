import { statementHash } from '@entente/node/testing'
import type { Opening } from '@entente/schema'
import type { Federation } from '../support/federation.ts'
import { fragmentOf, putOf } from '../support/hostile-sender.ts'
import { openPair } from '../support/pair.ts'
import { type OtherNode, openOther } from '../support/passed.ts'

export const atMs = Date.UTC(2026, 9, 1)

/** The receiver of the GBR, which the USA sends to, and a laptop of the GBR, whose clock is set. */
export function openNation(federation: Federation, laptopMs: () => number = () => atMs) {
  const gbr = openPair(federation, atMs)
  const laptop = openOther(federation, 'GBR', gbr, laptopMs)
  const titles = (node: Pick<OtherNode, 'view'>) => node.view.list({}).map(({ title }) => title)
  const alike = (): Readonly<Record<string, unknown[]>> => ({ ...gbr.state(), text: [] })
  const atLaptop = (): Readonly<Record<string, unknown[]>> => ({ ...laptop.state(), text: [] })
  /** The USA puts one record. */
  function put(title: string, fields: Readonly<Record<string, string>> = {}) {
    const fragment = fragmentOf('USA', { title, ...fields })
    const opening = putOf(fragment)
    gbr.send([opening], [fragment])
    return { fragment, opening, id: fragment.head.id }
  }
  const drop = (opening: Opening) => gbr.send([opening], [null], { effect: 'narrow' })
  /** Statement of the feed as it stands in the log. */
  const placeOf = (seq: number) => {
    const row = gbr.db.prepare('SELECT feed, jws FROM statement_in WHERE seq = ?').get(seq)
    return { feed: row?.['feed'] as string, seq, jws: row?.['jws'] as string }
  }
  /** A recall in the control feed of the USA, sent to the receiver. */
  function recall(seq: number, purge: boolean) {
    const { feed, jws } = placeOf(seq)
    const statement = gbr.usa.log('recall', {
      origin: gbr.usa.origin,
      at: atMs,
      feed: null,
      seq: 0,
      prev: null,
      recipient: 'GBR',
      dataset: 'production',
      release: { feed, seq, statement: statementHash(jws) },
      entries: [],
      purge,
      reason: 'a test',
    })
    const base = gbr.db.prepare('SELECT MAX(size) AS size FROM partner_checkpoint').get()
    gbr.admission.statement(
      gbr.partner('USA'),
      gbr.usa.frame(statement, { baseSize: base?.['size'] as number }),
    )
  }
  return {
    gbr,
    laptop,
    titles,
    alike,
    atLaptop,
    put,
    drop,
    placeOf,
    recall,
    [Symbol.dispose]: () => {
      laptop[Symbol.dispose]()
      gbr[Symbol.dispose]()
    },
  }
}
