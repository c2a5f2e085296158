/**
 * What an object itself says under a name from outside: `constructor` is a field name as good as any, and what every object inherits
 * under it is no answer.
 */
export const ownOf = <T>(of: Readonly<Record<string, T>>, name: string): T | undefined =>
  Object.hasOwn(of, name) ? of[name] : undefined
