import PaymentModel
import ReconciliationDomain
import Testing

/// REC-9: figures of parts add up to the figures of the whole.
@Suite struct `Figures of sales` {
    @Test func `of any parts add up to those of the whole, whatever the order`() {
        holds { random in
            let parts = (0..<12).map { _ in figures(&random) }
            var (whole, other) = (SalesFigures(in: .eur), SalesFigures(in: .eur))
            for part in parts { try whole.add(part) }
            for part in parts.shuffled(using: &random) { try other.add(part) }
            return whole == other && whole.amount.minorUnits == parts.reduce(0) { $0 + $1.amount.minorUnits }
                && SaleOutcome.allCases.allSatisfy { outcome in
                    whole.count(outcome) == parts.reduce(0) { $0 + $1.count(outcome) }
                }
        }
    }

    @Test func `have an average that is off by half a cent at most, and a share of no more than all`() {
        holds { random in
            let figures = figures(&random)
            let accepted = Int64(figures.count(.accepted))
            guard accepted > 0 else { return figures.averageBasket == nil && figures.instalmentShare == nil }
            guard let average = figures.averageBasket, let share = figures.instalmentShare else { return false }
            let off = average.minorUnits * accepted - figures.amount.minorUnits
            let offShare = share.value * Int(accepted) - figures.inInstalments * 10_000
            return (-accepted...accepted).contains(off * 2) && (0...10_000).contains(share.value)
                && (-Int(accepted)...Int(accepted)).contains(offShare * 2)
        }
    }

    @Test(arguments: [(100, 3, 33), (101, 2, 51), (200, 3, 67), (1, 2, 1), (0, 4, 0)])
    func `round an average half up`(amount: Int, count: Int, average: Int) {
        let figures = SalesFigures(
            counts: [.accepted: count], inInstalments: 1, amount: .euros(cents: Int64(amount)), fee: .zero(.eur),
            feeVAT: .zero(.eur))
        #expect(figures.averageBasket == .euros(cents: Int64(average)))
    }

    private func figures(_ random: inout SeededGenerator) -> SalesFigures {
        let accepted: Int = random.number(0...9)
        return SalesFigures(
            counts: [.accepted: accepted, .refused: random.number(0...9), .expired: random.number(0...9)],
            inInstalments: random.number(0...accepted), amount: .euros(cents: random.number(0...9_999_999)),
            fee: .euros(cents: random.number(0...9_999)), feeVAT: .euros(cents: random.number(0...999)))
    }
}
