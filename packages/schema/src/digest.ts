import { z } from 'zod'

/** Base64url SHA-256 (or HMAC-SHA-256), 43 characters. */
export const Digest = z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'not a base64url SHA-256')
