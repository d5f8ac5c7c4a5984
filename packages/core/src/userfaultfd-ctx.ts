// struct userfaultfd_ctx: one open userfaultfd. Only the two non-blocking ways of answering a fault
// are modelled; a blocking monitor would be another actor.

/** The context that VMAs registered with one userfaultfd share. */
export interface UserfaultfdCtx {
  readonly id: number;
  /** UFFD_FEATURE_SIGBUS: a fault the monitor should see kills with SIGBUS instead. */
  readonly featureSigbus: boolean;
  /** UFFD_FEATURE_WP_ASYNC: write-protection faults are resolved by the kernel itself. */
  readonly featureWpAsync: boolean;
  /** UFFD_FEATURE_WP_UNPOPULATED: absent pages can be write-protected by a marker. */
  readonly featureWpUnpopulated: boolean;
  released: boolean;
}
