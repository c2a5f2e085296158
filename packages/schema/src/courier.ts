import { z } from 'zod'
import { Digest } from './fragment.ts'
import { Nation } from './nation.ts'

const Size = z.int().min(0)

/**
 * The signed part of a courier bundle: who gives what to whom, and the key and digest of the content that lies beside it. It is
 * encrypted to the recipient's node, so that nobody on the way reads even this.
 */
export const CourierHeader = z.strictObject({
  from: Nation,
  origin: z.string().max(300).describe('log of the sender'),
  to: Nation,
  node: z.string().max(300).describe('log of the recipient: which of its nodes'),
  number: z.int().min(1).describe('counts the bundles from this sender to this recipient'),
  at: Size.describe('when it was made, ms'),
  expires: Size.describe('from then on it only takes away, ms'),
  taken: Size.describe('number of the last bundle of the recipient that the sender has taken in'),
  base: z
    .strictObject({ size: Size, root: z.string().length(44) })
    .nullable()
    .describe(
      'checkpoint of the sender’s log from which the content goes on, as the recipient said last',
    ),
  key: z.string().length(43).describe('AES-256 key of the content'),
  size: Size.describe('bytes of the encrypted content'),
  digest: Digest.describe('SHA-256 of the encrypted content'),
})
export type CourierHeader = z.infer<typeof CourierHeader>
export const courierType = 'entente-courier'
