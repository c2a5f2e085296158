import { createCipheriv, createDecipheriv } from 'node:crypto'
import { fromBase64url, fromUtf8, Opening, toBase64url, utf8 } from '@entente/schema'
import { z } from 'zod'

/** Openings and bodies of one statement. */
const Content = z.strictObject({
  openings: z.array(Opening).max(256),
  bodies: z.array(z.unknown()).max(256),
})
export type PendingContent = z.infer<typeof Content>

/** The most statements that are ahead of their quorum on one stream. */
export const MOST_PENDING = 64
/** No more goes ahead, nor is kept, once they are so long together, characters. */
export const MOST_PENDING_CHARS = 16 << 20

const TAG_BYTES = 16
/** Each key closes one content only. */
const NONCE = new Uint8Array(12)

/**
 * Closes the content of a statement that is sent ahead of its quorum. Who gets it can read nothing of it until the key follows, with
 * the quorum; and if the content may no longer be had by then, the key never does.
 * @param statement hash of the statement, to which it is bound
 * @param key 32 random bytes, for this content alone
 * @see NIST SP 800-38D (AES-256-GCM)
 */
export function closePending(content: string, statement: string, key: Uint8Array): string {
  const cipher = createCipheriv('aes-256-gcm', key, NONCE).setAAD(utf8(statement))
  const closed = [cipher.update(content, 'utf8'), cipher.final(), cipher.getAuthTag()]
  return Buffer.concat(closed).toString('base64url')
}

/** Null when the key, the statement or any byte is another. */
export function openPending(closed: string, statement: string, key: string): PendingContent | null {
  const bytes = fromBase64url(closed)
  const secret = fromBase64url(key)
  if (bytes === null || secret?.length !== 32 || bytes.length < TAG_BYTES) return null
  try {
    const decipher = createDecipheriv('aes-256-gcm', secret, NONCE)
      .setAAD(utf8(statement))
      .setAuthTag(bytes.subarray(-TAG_BYTES))
    const text = Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()])
    return Content.parse(JSON.parse(fromUtf8(text)))
  } catch {
    return null
  }
}

export const formatPendingKey = (key: Uint8Array): string => toBase64url(key)
