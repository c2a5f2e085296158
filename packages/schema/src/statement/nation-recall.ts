import { z } from 'zod'
import { Nation } from '../nation.ts'
import { RecordId } from '../record.ts'
import { said } from './said.ts'

/** Which records a nation takes back, whoever says so for it. */
export const recalledRecords = {
  nation: Nation,
  records: z.array(RecordId).min(1).max(16).readonly(),
  /** Whoever held it must delete the bytes, and say so. */
  purge: z.boolean(),
  reason: z.string().min(1).max(200),
}

/**
 * A certified node with a log takes back what any log of its nation has given of some records, and what others have handed on of them.
 * It stands in no feed: one word for everybody, which anybody may carry, as a root's (`openNationRecall`).
 */
export const NodeRecall = z.strictObject({ ...said, ...recalledRecords })
export type NodeRecall = z.infer<typeof NodeRecall>
