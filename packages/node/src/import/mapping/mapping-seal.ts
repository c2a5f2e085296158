import { digestOf, type Nation } from '@entente/schema'
import { z } from 'zod'
import type { ParsedMapping } from './parse-mapping.ts'

/** What a policy authority signs of a mapping: its name, edition and the digest of its data, comments aside. */
export interface MappingSeal {
  readonly nation: Nation
  readonly mapping: string
  readonly edition: number
  readonly digest: string
}
export const mappingSealType = 'entente-mapping-seal'

/** Signatures of a mapping, in a file of their own beside it: the mapping stays readable. */
export const MappingSignatures = z.strictObject({
  mapping: z.string(),
  edition: z.int(),
  digest: z.string(),
  signatures: z.array(z.string()),
})
export type MappingSignatures = z.infer<typeof MappingSignatures>

/** The sentence that a nation's authority signs for a mapping. */
export const sealOfMapping = (
  nation: Nation,
  { mapping: { mapping, edition }, document }: ParsedMapping,
): MappingSeal => ({ nation, mapping, edition, digest: digestOf(document) })
