import type { Gate } from './label-gate.ts'

/**
 * Gate 2: export-control law. A tagged record needs an agreement or exemption in force; no register of agreements is
 * read yet, so every tagged record is denied. Records without a tag, or tagged `none`, pass.
 */
export const legalGate = {
  'no agreement register covers the regime of the record': ({ record }) =>
    record.regimes.some((regime) => regime !== 'none') ? 'deny' : null,
} as const satisfies Gate
