"""One network: inlet, encoder, the kind's own middle, decoder, outlet."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor, nn

from perla.anomaly.networks.blocks import Block
from perla.anomaly.networks.dropout import DropoutMiddle
from perla.anomaly.networks.inlet import Cells, Inlet
from perla.anomaly.networks.kl_sparse import KlSparseMiddle
from perla.anomaly.networks.l1 import L1Middle
from perla.anomaly.networks.masked import MaskedMiddle
from perla.anomaly.networks.outlet import Outlet
from perla.anomaly.networks.plain import PlainMiddle
from perla.anomaly.networks.variational import VariationalMiddle
from perla.anomaly.recipe import AutoencoderKind, Recipe

MIDDLES: dict[AutoencoderKind, type[nn.Module]] = {
    AutoencoderKind.PLAIN: PlainMiddle,
    AutoencoderKind.DROPOUT: DropoutMiddle,
    AutoencoderKind.L1: L1Middle,
    AutoencoderKind.KL_SPARSE: KlSparseMiddle,
    AutoencoderKind.VARIATIONAL: VariationalMiddle,
    AutoencoderKind.MASKED: MaskedMiddle,
}


@dataclass(frozen=True)
class Shape:
    """What a network is built for: edges (p, bins + 1), levels per category, blocks of columns hidden together.

    ``blocks`` cover all p + q columns; ``price_block`` is the one that holds the price. know_price : whether the other
    columns may be rebuilt from it.
    """

    edges: Tensor
    sizes: tuple[int, ...]
    blocks: tuple[tuple[int, ...], ...]
    price: int
    know_price: bool = True

    @property
    def price_block(self) -> int:
        return next(i for i, block in enumerate(self.blocks) if self.price in block)


class Autoencoder(nn.Module):
    """Cells in, the layer every cell is rebuilt from out."""

    def __init__(self, kind: AutoencoderKind, shape: Shape, recipe: Recipe) -> None:
        super().__init__()
        self.shape = shape
        self.inlet = Inlet(shape.edges, shape.sizes, recipe.width)
        self.encoder = Block(recipe.width, recipe.dropout if kind is AutoencoderKind.MASKED else 0.0)
        self.middle = MIDDLES[kind](recipe)
        self.decoder = Block(recipe.width, recipe.dropout if kind is AutoencoderKind.MASKED else 0.0)
        self.outlet = Outlet(shape.edges.shape[0], shape.sizes, recipe.width)
        self.hides_any_column: bool = bool(MIDDLES[kind].hides_any_column)  # type: ignore[attr-defined]

    def forward(self, cells: Cells, hidden: Tensor) -> tuple[Tensor, Tensor]:
        """The layer (n, width) that the outlet reads, and the kind's penalty."""
        return self.inner(self.inlet(cells, hidden))

    def inner(self, x: Tensor) -> tuple[Tensor, Tensor]:
        rebuilt, penalty = self.middle(self.encoder(x))
        return self.outlet.norm(self.decoder(rebuilt)), penalty
