import { z } from 'zod'
import { pickInput, pickOptions } from '../../approvals/pick-items.ts'
import { carryOptions, speak } from '../../approvals/speak.ts'
import { defineVerb } from '../../verb.ts'

const carryInput = {
  key: z.string().optional(),
  from: z.string().optional(),
  out: z.string().optional(),
  install: z.string().optional(),
}

export const releaseApproveVerb = defineVerb({
  name: 'release approve',
  arguments: '[id...]',
  purpose:
    'Approve values that wait, signed with an officer’s key where that key is. Logged; author and approver differ.',
  options: [
    { flags: '--key <file>', purpose: 'key of a release officer (PEM)' },
    { flags: '--until <date>', purpose: 'when the approval runs out (else with the policy)' },
    { flags: '--reason <text>', purpose: 'why; auditors read it' },
    ...pickOptions,
    ...carryOptions,
  ],
  example: 'release approve 3f9a1c20 --key NOR.officer.pem --until 2027-03-31',
  next: 'entente release preview, or status where the dataset is live',
  input: z.strictObject({
    ...pickInput,
    ...carryInput,
    until: z.string().optional(),
    reason: z.string().min(1).max(1000).optional(),
  }),
  run: (session, input) => speak(session, 'approve', input),
})

export const releaseRefuseVerb = defineVerb({
  name: 'release refuse',
  arguments: '[id...]',
  purpose:
    'Refuse values that wait, or take an approval back: then the value is dropped at once. Signed and logged.',
  options: [
    { flags: '--key <file>', purpose: 'key of a release officer (PEM)' },
    { flags: '--reason <text>', purpose: 'why; auditors read it' },
    ...pickOptions,
    ...carryOptions,
  ],
  example: 'release refuse 3f9a1c20 --key NOR.officer.pem --reason "not this rate"',
  next: 'entente release queue --refused',
  input: z
    .strictObject({
      ...pickInput,
      ...carryInput,
      reason: z.string().min(1).max(1000).optional(),
    })
    .refine(({ reason, install }) => reason !== undefined || install !== undefined, {
      path: ['reason'],
      error: 'say why with --reason',
    }),
  run: (session, input) => speak(session, 'deny', input),
})
