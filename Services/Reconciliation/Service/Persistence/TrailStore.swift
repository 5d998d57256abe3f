import PaymentModel
import PostgresClient
import ReconciliationDomain
import TransactionalMessaging

/// Follows money through the books; nothing is written through it.
struct TrailStore {
    let settlements: SettlementStore
    let discrepancies: DiscrepancyStore
    let disputes: DisputeStore
    let windowDays: Int
    let expectations = ExpectationStore()
    let payouts = PayoutStore()
    let bank = BankStore()
    let charts = ChartStore()
    let journals = JournalStore()
    let origins = OriginStore()
    let tills = TakingTrail()

    /// What is known of an invoice, read once however many of its payments are followed.
    private struct InvoiceSheet {
        let number: String?
        let total: Money?
        let origin: InvoiceOriginAnswer
    }

    /// With so many of its payments as are asked for.
    func invoice(
        _ id: InvoiceID, of organisation: OrganisationID, after place: ExpectationPlace, limit: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> InvoiceTrailAnswer {
        let sheet = try sheet(of: id, of: organisation, &transaction)
        // Also those of which only a part that was left over was counted for it.
        let paysForIt: SQL = """
            payment IN (
                SELECT own.payment FROM expectation AS own WHERE own.invoice = \(id)
                UNION
                SELECT online.payment FROM vat_receipt AS receipt JOIN online_receipt AS online
                    ON online.payment_on_account = receipt.payment AND online.organisation = receipt.organisation
                WHERE receipt.invoice = \(id) AND receipt.organisation = \(organisation))
            """
        let inAll = try expectations.count(paysForIt, of: organisation, &transaction)
        guard sheet.number != nil || inAll > 0 || !sheet.origin.attempts.isEmpty else {
            throw NotFound.invoice(id)
        }
        let payments = try expectations.list(paysForIt, of: organisation, after: place, limit: limit, &transaction)
        let chart = try charts.chart(of: organisation, &transaction)
        let takings = try tills.answers(of: id, in: organisation, chart, &transaction)
        let accounts = InvoiceAccountStore(settlements: settlements, disputes: disputes)
        let account = try accounts.account(of: id, in: organisation, knowing: takings, &transaction)
        return InvoiceTrailAnswer(
            invoiceID: id, number: sheet.number, total: sheet.total, account: account.map(InvoiceAccountAnswer.init),
            origin: sheet.origin, received: try origins.received(for: id, of: organisation, &transaction),
            takings: takings,
            payments: try trails(payments, knowing: [id: sheet], of: organisation, chart, &transaction),
            paymentsInAll: inAll)
    }

    /// With so many of its payments as are asked for; the explanation is of all of them.
    func payout(
        _ id: PayoutID, of organisation: OrganisationID, after place: ExpectationPlace, limit: Int,
        _ transaction: inout PostgresTransaction
    ) throws -> PayoutTrailAnswer {
        let explanation = try explanation(of: id, in: organisation, &transaction)
        // Also those of which only a refund or a dispute is settled in it.
        let isInIt: SQL = "payment IN (SELECT line.payment FROM settlement_line AS line WHERE line.payout = \(id))"
        let payments = try expectations.list(isInIt, of: organisation, after: place, limit: limit, &transaction)
        let chart = try charts.chart(of: organisation, &transaction)
        let wrong = try discrepancies.list("payout = \(id)", of: organisation, &transaction)
        let entries = try journals.entries(
            about: [id.value] + wrong.items.map(\.id.value), of: organisation, chart, &transaction)
        return PayoutTrailAnswer(
            explanation: explanation,
            payments: try trails(payments, of: organisation, chart, &transaction),
            paymentsInAll: try expectations.count(isInIt, of: organisation, &transaction),
            entries: entries.items, entriesInAll: entries.inAll, discrepancies: wrong.items,
            discrepanciesInAll: wrong.inAll)
    }

    /// Why a payout is what it is, with all its lines.
    func explanation(
        of id: PayoutID, in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> ExplanationAnswer {
        guard let record = try payouts.find(id, of: organisation, &transaction) else { throw NotFound.payout(id) }
        return try ExplanationAnswer(
            record, bank.lines(of: record, in: organisation, &transaction), settlements.lines(of: id, &transaction),
            whose: settlements.whose(id, of: organisation, &transaction),
            undone: payouts.undone(id, of: organisation, &transaction), windowDays: windowDays)
    }

    private func sheet(
        of invoice: InvoiceID, of organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> InvoiceSheet {
        let origin = try origins.origin(of: invoice, of: organisation, &transaction)
        let told: InvoiceSheet? = try transaction.first(
            """
            SELECT number, currency, total FROM invoice_number
            WHERE invoice = \(invoice) AND organisation = \(organisation)
            """
        ) { row in
            let total: Int64? = try row("total")
            return InvoiceSheet(
                number: try row("number"), total: try total.map { Money($0, try row.currency()) }, origin: origin)
        }
        return told ?? InvoiceSheet(number: nil, total: nil, origin: origin)
    }

    private func trails(
        _ payments: [Expectation], knowing first: [InvoiceID: InvoiceSheet] = [:], of organisation: OrganisationID,
        _ chart: Chart, _ transaction: inout PostgresTransaction
    ) throws -> [PaymentTrailAnswer] {
        var (trails, sheets): ([PaymentTrailAnswer], [InvoiceID: InvoiceSheet]) = ([], first)
        for payment in payments {
            if let invoice = payment.invoice, sheets[invoice] == nil {
                sheets[invoice] = try sheet(of: invoice, of: organisation, &transaction)
            }
            let known = payment.invoice.flatMap { sheets[$0] }
            trails.append(try trail(payment, known, of: organisation, chart, &transaction))
        }
        return trails
    }

    private func trail(
        _ expectation: Expectation, _ sheet: InvoiceSheet?, of organisation: OrganisationID, _ chart: Chart,
        _ transaction: inout PostgresTransaction
    ) throws -> PaymentTrailAnswer {
        let settlement = expectation.settlement
        let records = try settlements.lines(of: settlement.payment, &transaction)
        let parts = try parts(of: records, in: organisation, &transaction)
        let own = records.first { $0.line.kind == .payment }.flatMap { record in
            parts.first { $0.payout.id == record.payout }
        }
        let trail = try PaymentTrail(
            of: settlement,
            by: records.map { record in
                let payout = parts.first { $0.payout.id == record.payout }?.payout
                return PaymentTrail.Told(
                    record.line, hasArrived: payout?.isReceived == true,
                    isWithoutBankLine: payout?.noBankLineAccount != nil)
            })
        let disputes = try disputes.disputes(of: settlement.payment, &transaction)
        let wrong = try discrepancies.list("payment = \(settlement.payment)", of: organisation, &transaction)
        let subjects =
            [settlement.payment.value] + records.map(\.id.value) + disputes.map(\.id.value)
            + wrong.items.map(\.id.value) + (try expectations.refunds(of: settlement.payment, &transaction))
        let entries = try journals.entries(about: subjects, of: organisation, chart, &transaction)
        let whose = SettlementStore.Whose(client: expectation.client, invoiceNumber: sheet?.number)
        return PaymentTrailAnswer(
            origin: sheet?.origin, paymentID: settlement.payment, invoiceID: expectation.invoice,
            invoiceNumber: sheet?.number, clientID: expectation.client, provider: expectation.provider,
            providerReference: expectation.providerReference, acceptedOn: expectation.acceptedOn,
            expectedOn: expectation.expectedOn, amount: settlement.amount, refunded: settlement.refunded,
            withheld: settlement.withheld, disputes: disputes.map { DisputeAnswer($0.dispute) }, fee: settlement.fee,
            feeVAT: settlement.feeVAT, expected: trail.expected, settled: trail.settled, arrived: trail.arrived,
            charged: trail.charged, remainder: trail.remainder, because: trail.because.rawValue,
            open: trail.open.map(PaymentTrailAnswer.Open.init),
            lines: try records.map { try ExplanationAnswer.Line($0.line, whose) }, payout: own?.payout,
            bankLine: own.flatMap { $0.bankLines.count == 1 ? $0.bankLines[0] : nil }, payouts: parts,
            entries: entries.items, entriesInAll: entries.inAll, discrepancies: wrong.items,
            discrepanciesInAll: wrong.inAll)
    }

    /// The payouts some lines are in, in the order of the lines, with what the bank received for each.
    private func parts(
        of records: [SettlementRecord], in organisation: OrganisationID, _ transaction: inout PostgresTransaction
    ) throws -> [PaymentTrailAnswer.Part] {
        var parts: [PaymentTrailAnswer.Part] = []
        for record in records where !parts.contains(where: { $0.payout.id == record.payout }) {
            guard let payout = try payouts.find(record.payout, of: organisation, &transaction) else { continue }
            let lines = try bank.lines(of: payout, in: organisation, &transaction)
            parts.append(
                PaymentTrailAnswer.Part(
                    payout: PayoutAnswer(payout), bankLines: lines.map(ExplanationAnswer.BankLine.init)))
        }
        return parts
    }
}
