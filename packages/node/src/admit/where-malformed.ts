import type { z } from 'zod'

/** Where a form is broken, by the names that the form itself has: what a partner wrote there is in no journal. */
export function whereMalformed(error: z.ZodError): string {
  const [issue] = error.issues
  const place = issue?.code === 'unrecognized_keys' ? '' : issue?.path.map(String).join('.')
  return place ? `malformed at ${place}` : 'malformed: members that do not belong there, or too few'
}
