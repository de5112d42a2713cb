import type { FastifyHelmetOptions } from '@fastify/helmet'

/** The headers of pages: nothing but this server's own files, no frames, no address given to others. */
export const HELMET: FastifyHelmetOptions = {
  contentSecurityPolicy: {
    useDefaults: false,
    directives: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      styleSrc: ["'self'"],
      imgSrc: ["'self'", 'data:'],
      connectSrc: ["'self'"],
      // Scripts send what is filled in; a form that nothing listens to yet would put it in the address.
      formAction: ["'none'"],
      baseUri: ["'none'"],
      frameAncestors: ["'none'"],
    },
  },
  // The operator's other subdomains are not ours to decide about.
  strictTransportSecurity: { includeSubDomains: false },
  referrerPolicy: { policy: 'no-referrer' },
}
