// Proximity domains and the nodes that Linux gives them (drivers/acpi/numa/srat.c): the first time
// a domain is met it gets the lowest free number, so the order of the tables decides.

/** Domains are below this; the larger of 256 and the number of nodes a kernel is built for. */
export const MAX_PXM_DOMAINS = 1024;
/** Nodes of a kernel with CONFIG_NODES_SHIFT=10, as distributions have it. */
const MAX_NUMNODES = 1024;

/** The map of one boot. */
export class PxmMap {
  readonly #nodes = new Map<number, number>();

  /**
   * The node of a domain; a domain that was not met before gets the next free number.
   * @kernelpart drivers/acpi/numa/srat.c acpi_map_pxm_to_node (v7.2) null stands for NUMA_NO_NODE
   */
  map(domain: number): number | null {
    const known = this.#nodes.get(domain);
    if (known !== undefined) return known;
    const node = this.#nodes.size;
    if (domain >= MAX_PXM_DOMAINS || node >= MAX_NUMNODES) return null;
    this.#nodes.set(domain, node);
    return node;
  }

  /** The node of a domain that was met, or null. */
  nodeOf(domain: number): number | null {
    return this.#nodes.get(domain) ?? null;
  }

  /** The domain of a node, or null. */
  domainOf(node: number): number | null {
    for (const [domain, other] of this.#nodes) if (other === node) return domain;
    return null;
  }

  /** The highest domain, -1 without any. */
  get highest(): number {
    return Math.max(-1, ...this.#nodes.keys());
  }

  /** Domains and their nodes, in the order in which they were met. */
  get entries(): readonly (readonly [domain: number, node: number])[] {
    return [...this.#nodes];
  }
}
