import { createHash, createHmac } from 'node:crypto'

/**
 * A second fragment builder, written from `docs/protocol.md`, "Fragment", alone: it shares no code with the first, so
 * that the auditor's re-derivation is checked against something other than itself.
 */
export interface SecondFragment {
  readonly fragment: { readonly head: Record<string, unknown>; readonly disclosures: unknown[] }
  readonly digest: string
  readonly fields: string[]
}

interface Source {
  readonly id: string
  readonly kind: string
  readonly originator: string
  readonly envelope: Readonly<Record<string, unknown>>
  readonly fields: Readonly<
    Record<
      string,
      { readonly label: { readonly classification: string; readonly caveats: readonly string[] } }
    >
  >
}

/** @param values what goes, by field name, as it goes */
export function secondFragment(
  record: Source,
  values: Readonly<Record<string, unknown>>,
  recordKey: Uint8Array,
): SecondFragment {
  const fields = Object.keys(values).sort()
  const disclosures = fields.map((field) => {
    const seed = Buffer.concat([
      recordKey,
      Buffer.from(field),
      Buffer.of(0),
      Buffer.from(canonical(values[field])),
    ])
    const salt = createHash('sha256').update(seed).digest().subarray(0, 16).toString('base64url')
    return [salt, field, values[field]]
  })
  const order = ['UNCLASSIFIED', 'RESTRICTED', 'CONFIDENTIAL', 'SECRET', 'TOP SECRET']
  const labels = fields.map((field) => record.fields[field]?.label)
  const level = Math.max(...labels.map((label) => order.indexOf(label?.classification ?? '')))
  const caveats = new Set(labels.flatMap((label) => label?.caveats ?? []))
  const { asOf, validFrom, validTo, status, handling } = record.envelope
  const head = {
    id: record.id,
    kind: record.kind,
    originator: record.originator,
    asOf,
    validFrom,
    validTo,
    status,
    handling,
    banner: { classification: order[level], caveats: [...caveats].sort() },
    sd: disclosures.map((one) => sha(Buffer.from(canonical(one)).toString('base64url'))).sort(),
  }
  return { fragment: { head, disclosures }, digest: sha(canonical(head)), fields }
}

/** A second maker of pseudonyms, from the same page. */
export function secondPseudonym(recordKey: Uint8Array, recipient: string, field: string): string {
  const mac = createHmac('sha256', recordKey)
    .update(`entente-pseudonym/1\0${recipient}\0${field}`)
    .digest('hex')
  const bits = BigInt(`0x${mac.slice(0, 15)}`)
    .toString(2)
    .padStart(60, '0')
  const code = (bits.match(/.{5}/g) ?? []).map((five) =>
    '0123456789ABCDEFGHJKMNPQRSTVWXYZ'.charAt(Number.parseInt(five, 2)),
  )
  return ['withheld', ...[0, 4, 8].map((at) => code.slice(at, at + 4).join(''))].join('-')
}

const sha = (text: string) => createHash('sha256').update(text).digest('base64url')

/** RFC 8785 for integers and strings: members sorted by UTF-16 code unit, absent ones left out. */
export function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join()}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonical(member)}`).join()}}`
}
