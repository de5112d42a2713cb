/** Where the names of one bundle and of one law live: names of two operators never mean the same thing. */
export interface Scope {
  /** `policy:<bundle>`. */
  readonly bundle: string
  /** `law:<profile>`. */
  readonly law: string
}

/** The scope of a record made under a policy (`bundle@version`) and a law's profile. */
export function scopeOf(policy: string, profile: string): Scope {
  return { bundle: `policy:${policy.slice(0, policy.indexOf('@'))}`, law: `law:${profile}` }
}
