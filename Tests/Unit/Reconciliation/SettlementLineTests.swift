import PaymentModel
import ReconciliationDomain
import Testing

/// REC-3: what a file that overlaps an earlier one may say.
@Suite struct `A known line of a report` {
    private func line(_ kind: SettlementLine.Kind, gross: Int64, fee: Int64 = 0) -> SettlementLine {
        SettlementLine(
            kind: kind, reference: "line_1", paymentReference: nil, payoutReference: "payout_1",
            gross: .euros(cents: gross), fee: .euros(cents: fee))
    }

    @Test func `REC-3: may be called by its own name where an earlier version took it for an adjustment`() {
        let waiver = line(.adjustment, gross: 400)
        #expect(waiver.saysTheSame(as: line(.fee, gross: 0, fee: -400)))
        #expect(!waiver.saysTheSame(as: line(.fee, gross: 0, fee: 400)))
        #expect(line(.adjustment, gross: -1_000).saysTheSame(as: line(.carried, gross: -1_000)))
        #expect(!line(.adjustment, gross: -1_000).saysTheSame(as: line(.carried, gross: -999)))
    }

    @Test func `REC-3: is the same only with the same kind and amounts otherwise`() {
        #expect(line(.payment, gross: 9_000, fee: 388).saysTheSame(as: line(.payment, gross: 9_000, fee: 388)))
        #expect(!line(.payment, gross: 9_000, fee: 388).saysTheSame(as: line(.payment, gross: 9_000, fee: 389)))
        #expect(!line(.fee, gross: 0, fee: -400).saysTheSame(as: line(.adjustment, gross: 400)))
        #expect(!line(.adjustment, gross: 400).saysTheSame(as: line(.refund, gross: 400)))
    }
}
