"""A real CTranslate2 model, made in a second: it translates word for word, as a dictionary in its weights says.

Takes   a folder; a dictionary of sentence pieces; what the folder should look like (OPUS-MT or Argos)
Gives   a folder that CTranslate2 and sentencepiece load like any other
Always  a Transformer as Marian's: its decoder starts from a zero embedding, looks with nearly all of its attention at
        the source piece of its own place, and writes what the dictionary says for it, or the piece itself

The width is one dimension per piece and one per place. Embeddings and places are one-hot; the cross-attention's
queries and keys keep the places, its values the pieces, turned by the dictionary; everything else is zero.
"""

import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import sentencepiece
from ctranslate2.specs import transformer_spec

PLACES = 520
SPECIAL = ("<unk>", "</s>")
LINES = (
    "Take one tablet with water.",
    "Take two tablets twice a day.",
    "Do not stop the medicine.",
    "The doctor lowers the dose.",
    "Call the doctor at once.",
)
"""English that sentencepiece learns its pieces from."""
DICTIONARY = {
    "▁Take": "▁Tome",
    "▁one": "▁un",
    "▁two": "▁dos",
    "▁tablet": "▁comprimido",
    "▁tablets": "▁comprimidos",
    "▁with": "▁con",
    "▁water": "▁agua",
    "▁Do": "▁No",
    "▁not": "▁nada",
    "▁stop": "▁pare",
    "▁the": "▁el",
    "▁medicine": "▁medicamento",
    "▁doctor": "▁médico",
    "▁day": "▁día",
}


def pieces_model(lines: Sequence[str], size: int = 200) -> bytes:
    """A sentencepiece model in which each word of the lines is one piece."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([*lines] * 50),
        model_writer=written,
        vocab_size=size,
        model_type="bpe",
        hard_vocab_limit=False,
        character_coverage=1.0,
        minloglevel=2,
    )
    return written.getvalue()


def make_opus(
    folder: Path,
    dictionary: Mapping[str, str] = DICTIONARY,
    *,
    lines: Sequence[str] = LINES,
    tokens: Sequence[str] = (),
    add_source_eos: bool = True,
    endless: bool = False,
) -> Path:
    """A folder as ct2-opus-mt-converter leaves it; `tokens` are such as `>>pob<<`. Gives the folder."""
    spm = pieces_model(lines)
    _save(folder, spm, dictionary, tokens, add_source_eos=add_source_eos, endless=endless)
    (folder / "source.spm").write_bytes(spm)
    (folder / "target.spm").write_bytes(spm)
    return folder


def make_argos(folder: Path, source: str, target: str, dictionary: Mapping[str, str] = DICTIONARY) -> Path:
    """A folder as an Argos package unpacks to. Gives the folder."""
    spm = pieces_model(LINES)
    _save(folder / "model", spm, dictionary, (), add_source_eos=True, endless=False)
    (folder / "sentencepiece.model").write_bytes(spm)
    metadata = {"from_code": source, "to_code": target, "package_version": "1.0", "type": "translate"}
    (folder / "metadata.json").write_text(json.dumps(metadata), encoding="utf-8")
    return folder


def _save(
    folder: Path,
    spm: bytes,
    dictionary: Mapping[str, str],
    tokens: Sequence[str],
    *,
    add_source_eos: bool,
    endless: bool,
) -> None:
    processor = sentencepiece.SentencePieceProcessor(model_proto=spm)
    pieces = [processor.id_to_piece(number) for number in range(processor.get_piece_size())]
    ours = [piece for piece in pieces if piece not in ("<unk>", "<s>", "</s>")]
    words = [word for pair in dictionary.items() for word in pair]
    vocabulary = list(dict.fromkeys([*SPECIAL, *ours, *words, *tokens]))
    spec = _spec(vocabulary, dictionary, endless)
    spec.register_source_vocabulary(vocabulary)
    spec.register_target_vocabulary(vocabulary)
    spec.config.add_source_eos = add_source_eos
    spec.config.decoder_start_token = "</s>"  # noqa: S105 - no password
    spec.validate()
    spec.optimize()
    folder.mkdir(parents=True)
    spec.save(str(folder))


def _spec(vocabulary: Sequence[str], dictionary: Mapping[str, str], endless: bool) -> transformer_spec.TransformerSpec:
    size = len(vocabulary)
    width = size + PLACES
    width += -width % 8
    zeros, narrow = np.zeros((width, width), np.float32), np.zeros((8, width), np.float32)
    keep_places = zeros.copy()
    keep_places[range(size, size + PLACES), range(size, size + PLACES)] = 1
    turned = zeros.copy()  # row: target piece, column: source piece
    for number, piece in enumerate(vocabulary):
        said = dictionary.get(piece, piece)
        turned[vocabulary.index("▁el" if endless and piece == "</s>" else said), number] = 1
    embeddings = np.zeros((size, width), np.float32)
    embeddings[range(size), range(size)] = 1
    places = np.zeros((PLACES, width), np.float32)
    places[range(PLACES), range(size, size + PLACES)] = 1

    spec = transformer_spec.TransformerSpec.from_config((1, 1), 1, pre_norm=True)
    for side in (spec.encoder, spec.decoder):
        side.scale_embeddings = False
        side.position_encodings.encodings = places
        _plain(side.layer_norm, width)
        layer = side.layer[0]
        _plain(layer.self_attention.layer_norm, width)
        _linear(layer.self_attention.linear[0], np.zeros((3 * width, width), np.float32))
        _linear(layer.self_attention.linear[1], zeros)
        _plain(layer.ffn.layer_norm, width)
        _linear(layer.ffn.linear_0, narrow)
        _linear(layer.ffn.linear_1, np.ascontiguousarray(narrow.T))
    spec.encoder.embeddings[0].weight = embeddings
    spec.decoder.embeddings.weight = embeddings
    spec.decoder.start_from_zero_embedding = True
    look = spec.decoder.layer[0].attention
    _plain(look.layer_norm, width)
    _linear(look.linear[0], 3 * keep_places)  # queries: the layer norm makes about width / 2 of a one
    _linear(look.linear[1], np.concatenate([3 * keep_places, turned]))
    _linear(look.linear[2], 10 * np.eye(width, dtype=np.float32))
    # Surer of the end than of any piece: so all hypotheses of a beam end there, as those of a trained model do.
    sure = np.ones((size, 1), np.float32)
    sure[vocabulary.index("</s>")] = 2
    _linear(spec.decoder.projection, embeddings * sure)
    return spec


def _plain(norm: object, width: int) -> None:
    norm.gamma, norm.beta = np.ones(width, np.float32), np.zeros(width, np.float32)  # type: ignore[attr-defined]


def _linear(linear: object, weight: "np.ndarray[tuple[int, ...], np.dtype[np.float32]]") -> None:
    linear.weight, linear.bias = weight, np.zeros(weight.shape[0], np.float32)  # type: ignore[attr-defined]
