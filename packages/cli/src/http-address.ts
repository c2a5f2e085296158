import { z } from 'zod'

/** `host:port` as it is typed; an IPv6 address stands in brackets. */
export const HttpAddressText = z
  .string()
  .regex(/^(\[[0-9a-f:]+\]|[\w.-]+):\d{1,5}$/i, 'is no host:port, such as 127.0.0.1:8080')
  .refine((text) => httpAddressOf(text).port < 65_536, 'names a port above 65535')

export function httpAddressOf(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':')
  const host = text.slice(0, colon).replace(/^\[(.*)\]$/, '$1')
  return { host, port: Number(text.slice(colon + 1)) }
}
