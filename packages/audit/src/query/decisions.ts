import { formatIsoDate } from '@entente/policy'
import type { Nation } from '@entente/schema'
import type { NationAudit } from '../nation-audit.ts'
import { type Audits, logsOf } from './audits.ts'

/** Somebody said no: a nation to what was asked of it, or a recipient to what it was sent. */
export interface RefusalRow {
  /** In whose log, or whose acknowledgement, it stands. */
  readonly by: Nation
  /** To whom; null: nobody abroad asked. */
  readonly to: Nation | null
  readonly atMs: number
  /** Leaf of the refusing nation's log; null: it stands in an acknowledgement. */
  readonly leaf: number | null
  readonly code: string
  /** What was refused, in words. */
  readonly about: string
  /** The person who signed; null: refused by rule, or by the node's checks. */
  readonly person: string | null
}

/** Every `deny` and every answer that grants nothing of every log, and every entry that an acknowledgement names as refused. */
export function refusals(audits: Audits): readonly RefusalRow[] {
  const rows: RefusalRow[] = []
  const seen = new Set<string>()
  for (const audit of audits.values()) {
    for (const { index, kind, statement } of audit.leaves.byIndex.values())
      if (kind === 'deny')
        rows.push({
          by: audit.nation,
          to: statement.recipient,
          atMs: statement.at,
          leaf: index,
          code: statement.code,
          about: subjectOf(index, statement.about, audit, audits),
          person: personOf(audit, index),
        })
    for (const { index, kind, statement } of audit.leaves.byIndex.values())
      if (kind === 'answer' && statement.decision === 'deny')
        rows.push({
          by: audit.nation,
          to: statement.recipient,
          atMs: statement.at,
          leaf: index,
          code: 'NOT_GRANTED',
          about: subjectOf(index, statement.about, audit, audits),
          person: null,
        })
    for (const { jws, ack } of [...audit.acks.given, ...audit.acks.received]) {
      if (seen.has(jws)) continue
      seen.add(jws)
      for (const { seq, entry, code } of ack.refused) {
        // Acknowledgements are cumulative: each refusal stands in all later ones.
        const id = `${ack.feed} ${seq} ${entry} ${code}`
        if (seen.has(id)) continue
        seen.add(id)
        const feed = logsOf(audits, ack.to).find(({ feeds }) => feeds.has(ack.feed))
        const leaf = feed?.feeds.get(ack.feed)?.bySeq.get(seq)?.index
        const what = leaf === undefined ? `statement ${seq} of feed ${ack.feed}` : `leaf ${leaf}`
        const part = entry === null ? '' : `, entry ${entry}`
        const about = `${what} of ${ack.to}${part}`
        rows.push({ by: ack.by, to: ack.to, atMs: ack.at, leaf: null, code, about, person: null })
      }
    }
  }
  return rows.sort((a, b) => a.atMs - b.atMs)
}

/** A person decided where a rule left it to one, or against it. */
export interface OverrideRow {
  readonly nation: Nation
  readonly leaf: number
  readonly atMs: number
  readonly decision: 'approve' | 'deny'
  readonly about: string
  readonly person: string
  readonly serial: number | null
}

/** Every approval and every refusal that carries a person's signature, with who it was. */
export function overrides(audits: Audits): readonly OverrideRow[] {
  const rows: OverrideRow[] = []
  for (const audit of audits.values())
    for (const { index, kind, statement } of audit.leaves.byIndex.values()) {
      if ((kind !== 'approve' && kind !== 'deny') || statement.seal === undefined) continue
      const signer = audit.signers.get(index)?.[0]
      rows.push({
        nation: audit.nation,
        leaf: index,
        atMs: statement.at,
        decision: kind,
        about: subjectOf(index, statement.about, audit, audits),
        person: signer?.name ?? 'unknown',
        serial: signer?.serial ?? null,
      })
    }
  return rows
}

const personOf = ({ signers }: NationAudit, index: number) => signers.get(index)?.[0]?.name ?? null

/** A field that waited for approval, a request of a partner, a plan that was released, or the bare digest of what nobody shows. */
function subjectOf(index: number, about: string, audit: NationAudit, audits: Audits): string {
  const word = audit.words.byIndex.get(index)
  if (word !== undefined) {
    const { field, record, recipient, level, because, until, reason } = word.content
    const end = until === null ? '' : `, until ${formatIsoDate(until)}`
    const why = reason === undefined ? '' : `: ${reason}`
    return `${field} of ${record} for ${recipient}, ${level}, held by ${because.join('; ')}${end}${why}`
  }
  for (const { nation, leaves } of audits.values()) {
    const leaf = leaves.byIndex.get(leaves.byDigest.get(about) ?? -1)
    if (leaf?.kind === 'request')
      return `request of ${nation} to ${leaf.statement.ask}, leaf ${leaf.index}`
  }
  for (const [index, { plan }] of audit.inputs)
    if (plan === about) return `plan ${about}, released from leaf ${index} on`
  return about
}
