"""Plain molecules read from canonical SMILES without RDKit: most rows of a library, in a tenth of the time.

Plain: one fragment of ordinary organic atoms, no stereo marks, no isotopes, no charges but those of nitro groups. Such
a text is read by compiled loops, in this order:

- `text` draws atoms and bonds as they are written,
- `rings` finds the ring bonds and the sizes of rings, `ring_cores` what of them may be aromatic,
- `known_rings` knows from RDKit whether such a core stays as it is written,
- `chemistry` adds hydrogens, conjugation and hybridisation,
- `ranks` and `order` tell whether RDKit would write the very same text.

Only if all of that holds is a row taken; `reader` puts it together and leaves every other row to RDKit. So what is read
here equals what `datasets.standardize` and `datasets.featurize` make of the text.
"""
