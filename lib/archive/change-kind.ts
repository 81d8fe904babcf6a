/**
 * How a package of a merged index differs from the last generation. rebuilt: same version, other file; moved: other mirror or component;
 * edited: same file, other fields.
 *
 * @see CONTRACT section 7
 */
export type ChangeKind = "added" | "removed" | "upgraded" | "downgraded" | "rebuilt" | "moved" | "edited";
