/** The named steps at which a node may be cut off; after each, a restart must end in the same state. */
export const steps = [
  'seal:decided',
  'seal:appended',
  'seal:committed',
  'publish:head-written',
  'backup:written',
  'publish:cosigned',
  'publish:stored',
  'feed:sending',
  'feed:sent',
  'admit:evidence',
  'admit:statement',
  'admit:body',
  'admit:acknowledged',
  'feed:acknowledged',
  'recover:restored',
  'recover:committed',
  'import:staged',
  'import:applying',
  'import:applied',
  'import:undoing',
  'import:undone',
  'compact:written',
  'compact:moved',
] as const
export type Step = (typeof steps)[number]

/** Told of each step as it is reached; a test cuts the process off here. */
export type OnStep = (step: Step) => void
