import { namingOf, type Reader } from '@entente/policy'
import { Role } from '@entente/schema'
import { z } from 'zod'

/** Options that say for whom something is shown; with neither, for whoever works the node. */
export const readerOptions = [
  {
    flags: '--as <role>',
    purpose: `only what somebody of this role may read: ${Role.options.join(', ')}`,
  },
  {
    flags: '--supplier <name>',
    purpose: 'firm of a contractor, as records name it: its name, NCAGE, UEI or LEI',
    repeat: true,
  },
] as const

export const readerInput = {
  as: Role.optional(),
  supplier: z.array(z.string().min(1)).default([]),
}

/** Null: nothing is left out. */
export function readerOf(role: Role | undefined, firm: readonly string[]): Reader | null {
  if (role === undefined) return null
  const supplier = firm.flatMap((text) =>
    (['name', 'ncage', 'uei', 'lei', 'record'] as const).map((as) => namingOf(as, text)),
  )
  return { role, supplier }
}
