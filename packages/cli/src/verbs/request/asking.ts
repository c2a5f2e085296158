import type { StoredRequest } from '@entente/node'
import { z } from 'zod'
import { sayAsked } from '../../requests/request-text.ts'
import { formatTime } from '../../text.ts'

/** What every request says beside what it asks. */
export const asking = {
  options: [
    { flags: '--by <name>', purpose: 'who asks (else the user)' },
    { flags: '--reason <text>', purpose: 'why; the other nation reads it' },
  ],
  input: {
    by: z.string().min(1).max(200).optional(),
    reason: z.string({ error: 'say why with --reason' }).min(1).max(1000),
  },
} as const

export const sayMade = (request: StoredRequest): string =>
  `Request ${request.id} to ${request.nation}: ${sayAsked(request)}.\nSigned and logged. The answer is due ${formatTime(request.dueMs)}, whatever it is.\nNext: entente request list`
