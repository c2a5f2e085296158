import { canonicalJson } from './canonical-json.ts'
import type { AuthorityCertificate, OfficerCertificate } from './certificate.ts'
import { openJws, type Verify } from './jws.ts'
import { keyBytes } from './roster.ts'
import { type DecisionSeal, decisionSealType } from './statement/decided.ts'

/**
 * Who of these people sealed exactly this decision; null: none of them. A seal of a node's key, of another nation, or over
 * another sentence is of nobody.
 */
export function sealerOf<C extends OfficerCertificate | AuthorityCertificate>(
  seal: string,
  decision: DecisionSeal,
  people: readonly C[],
  verify: Verify,
): C | null {
  const wanted = canonicalJson(decision)
  const isBy = ({ nation, key }: C): boolean => {
    if (nation !== decision.nation) return false
    try {
      return canonicalJson(openJws(seal, decisionSealType, keyBytes(key), verify)) === wanted
    } catch {
      return false
    }
  }
  return people.find(isBy) ?? null
}
