/**
 * Options of each release, by its name: `true` or options for one on request, options for a default one, `false` to
 * leave a default one out. Every release adds its own entry beside its class; docs/platform.md lists them all.
 */
export interface ReleaseOptions {}
