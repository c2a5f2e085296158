import { type Inputs, identityOf } from '@entente/schema'
import type { NationAudit } from '../nation-audit.ts'

/** What a record was called when it was released; null: the bundle has no content, or the record no name. */
export type NameAt = (index: number, record: string) => string | null

/** Names from the record versions that decisions were made on. */
export function createNameAt({ bundle, inputs }: NationAudit): NameAt {
  const sources = new Map(bundle.sources.map(({ digest, record }) => [digest, record]))
  const versions = new WeakMap<Inputs, ReadonlyMap<string, string | null>>()
  return (index, record) => {
    const of = inputs.get(index)
    if (of === undefined) return null
    const known = versions.get(of) ?? new Map(of.records)
    versions.set(of, known)
    const source = sources.get(known.get(record) ?? '')
    if (source === undefined) return null
    const [field] = identityOf(source.kind).filter((name) => Object.hasOwn(source.fields, name))
    const value = field === undefined ? undefined : source.fields[field]?.value
    return typeof value === 'string' ? value : null
  }
}
