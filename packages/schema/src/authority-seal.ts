import { canonicalJson } from './canonical-json.ts'
import type { AuthorityCertificate } from './certificate.ts'
import { openJws, type Verify } from './jws.ts'
import { keyBytes } from './roster.ts'

/**
 * Names of the authorities that have signed exactly this sentence, each once. A signature of anybody else, or under
 * another sentence, counts for nothing.
 * @param type JWS type of the sentence
 */
export function authoritiesThatSigned(
  type: string,
  sentence: unknown,
  signatures: readonly string[],
  authorities: readonly AuthorityCertificate[],
  verify: Verify,
): readonly string[] {
  const wanted = canonicalJson(sentence)
  return authorities
    .filter(({ key }) =>
      signatures.some((jws) => {
        try {
          return canonicalJson(openJws(jws, type, keyBytes(key), verify)) === wanted
        } catch {
          return false
        }
      }),
    )
    .map(({ name }) => name)
}
