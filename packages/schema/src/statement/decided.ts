import { z } from 'zod'
import { Digest } from '../fragment.ts'
import { Nation } from '../nation.ts'
import { Seal, said } from './said.ts'

/** What a person signs who decides: the nation, what it is about, and the answer. */
export const DecisionSeal = z.strictObject({
  nation: Nation,
  about: Digest,
  decision: z.enum(['approve', 'deny']),
})
export type DecisionSeal = z.infer<typeof DecisionSeal>
export const decisionSealType = 'entente-decision-seal'

/**
 * A person's yes to what a plan, a request or a field names; `seal` is the person's signature over exactly that, a JWS of a
 * `DecisionSeal`. A request is named by the digest of its statement, a field that waits for approval by `digestApproval`.
 */
export const Approve = z.strictObject({ ...said, about: Digest, seal: Seal })
export type Approve = z.infer<typeof Approve>

/**
 * A no to somebody who asked: a request, an officer's run, a refused approval. Forbidden and unknown are the same
 * statement. `seal`: the person's signature where a person decided.
 */
export const Deny = z.strictObject({
  ...said,
  recipient: Nation.nullable(),
  about: Digest,
  code: z.string().min(1).max(64),
  seal: Seal.optional(),
})
export type Deny = z.infer<typeof Deny>
