import EventContract
import PaymentModel

extension Sample {
    static let reconciliation: [Sample] = [
        Sample(
            FeeRecordedV1(
                paymentID: Sample.id(5), invoiceID: Sample.id(1), provider: .alma, amount: Sample.euros(20_000),
                fee: Sample.euros(560), feeVAT: Sample.euros(112))),
        Sample(
            FeeRecordedV1(
                paymentID: Sample.id(5), provider: .alma, amount: Sample.euros(20_000), fee: Sample.euros(560),
                feeVAT: Sample.euros(112)), variant: "minimal"),
        Sample(
            PayoutExpectedV1(
                paymentID: Sample.id(5), provider: .alma, net: Sample.euros(19_328),
                expectedOn: Sample.date("2026-11-21"))),
        Sample(
            PayoutLateV1(
                paymentID: Sample.id(5), provider: .alma, net: Sample.euros(19_328),
                expectedOn: Sample.date("2026-11-21"))),
        Sample(
            BankLineImportedV1(
                bankLineID: Sample.id(10), statementID: Sample.id(11), amount: Sample.euros(20_000),
                bookedOn: Sample.date("2026-11-21"))),
        Sample(
            MatchedV1(
                payoutID: Sample.id(9), bankLineID: Sample.id(10), amount: Sample.euros(20_000),
                rule: "reference-and-amount")),
        Sample(
            PayoutPointedV1(
                payoutID: Sample.id(9), provider: .alma, amount: Sample.euros(20_000), bankLineID: Sample.id(10),
                by: "staff:0192f0c1-0000-7000-8000-0000000000aa", rule: "reference")),
        Sample(
            PayoutPointedV1(
                payoutID: Sample.id(9), provider: .alma, amount: Sample.euros(20_000),
                by: "staff:0192f0c1-0000-7000-8000-0000000000aa"), variant: "minimal"),
        Sample(PayoutUnpointedV1(payoutID: Sample.id(9), by: "staff:0192f0c1-0000-7000-8000-0000000000aa")),
        Sample(
            DiscrepancyOpenedV1(
                discrepancyID: Sample.id(12), kind: "amount-differs", amount: Sample.euros(20_000),
                paymentID: Sample.id(5), payoutID: Sample.id(9))),
        Sample(DiscrepancyOpenedV1(discrepancyID: Sample.id(12), kind: "amount-differs"), variant: "minimal"),
        Sample(
            DiscrepancyClosedV1(
                discrepancyID: Sample.id(12), by: "staff:0192f0c1-0000-7000-8000-0000000000aa")),
        Sample(DiscrepancyClosedV1(discrepancyID: Sample.id(12)), variant: "minimal"),
        Sample(
            PeriodClosedV1(
                from: Sample.date("2026-11-01"), to: Sample.date("2026-11-30"), entries: 1_204,
                by: "staff:0192f0c1-0000-7000-8000-0000000000aa")),
        Sample(
            PeriodReopenedV1(
                from: Sample.date("2026-11-01"), to: Sample.date("2026-11-30"),
                by: "staff:0192f0c1-0000-7000-8000-0000000000aa")),
    ]
}
