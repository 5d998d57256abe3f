import EventContract
import PaymentModel
import ReconciliationDomain
import TransactionalMessaging

// How facts of the books become events of the contract.

extension Change {
    mutating func announce(_ expectation: Expectation) throws {
        let settlement = expectation.settlement
        announce(
            FeeRecordedV1(
                paymentID: settlement.payment, invoiceID: expectation.invoice, provider: expectation.provider,
                amount: settlement.amount, fee: settlement.fee, feeVAT: settlement.feeVAT),
            about: settlement.payment, clinic: expectation.clinic)
        announce(
            PayoutExpectedV1(
                paymentID: settlement.payment, provider: expectation.provider, net: try settlement.net(),
                expectedOn: expectation.expectedOn),
            about: settlement.payment, clinic: expectation.clinic)
    }

    mutating func announce(_ amount: Money, on day: LocalDate, as id: BankLineID, of statement: StatementID) {
        announce(
            BankLineImportedV1(bankLineID: id, statementID: statement, amount: amount, bookedOn: day), about: id)
    }

    /// Of a payout pointed with others, whose matches are told of apart.
    mutating func announceMatches(of share: (payout: PendingPayout, received: Money), with joint: JointPointing) {
        for line in joint.bankLines {
            announce(
                MatchedV1(
                    payoutID: share.payout.id, bankLineID: line.id,
                    amount: joint.bankLines.count == 1 ? share.received : line.amount, rule: joint.rule.rawValue),
                about: share.payout.id)
        }
    }

    mutating func announcePointing(
        of payout: PendingPayout, to receipt: Receipt, by actor: String, because rule: PayoutMatch.Rule
    ) {
        let line = receipt.line
        if let line {
            announce(
                MatchedV1(payoutID: payout.id, bankLineID: line.id, amount: line.amount, rule: rule.rawValue),
                about: payout.id)
        }
        announce(
            PayoutPointedV1(
                payoutID: payout.id, provider: payout.provider, amount: receipt.received?.amount ?? payout.amount,
                bankLineID: line?.id, by: actor, rule: rule.rawValue),
            about: payout.id)
    }

    mutating func announceClosing(of period: AccountingPeriod, entries: Int) {
        announce(
            PeriodClosedV1(from: period.from, to: period.to, entries: entries, by: cause.actor),
            about: cause.organisation)
    }

    mutating func announceReopening(of period: AccountingPeriod) {
        announce(PeriodReopenedV1(from: period.from, to: period.to, by: cause.actor), about: cause.organisation)
    }

    mutating func announceUnpointing(of payout: PayoutID, by author: String) {
        announce(PayoutUnpointedV1(payoutID: payout, by: author), about: payout)
    }

    mutating func announceOpening(
        of id: DiscrepancyID, _ kind: DiscrepancyKind, _ about: DiscrepancyStore.About
    ) {
        announce(
            DiscrepancyOpenedV1(
                discrepancyID: id, kind: kind.rawValue, amount: about.amount, paymentID: about.payment,
                payoutID: about.payout),
            about: id)
    }

    /// `author` is the person who closed it; nobody when the missing piece did.
    mutating func announceClosing(of id: DiscrepancyID, by author: String? = nil) {
        announce(DiscrepancyClosedV1(discrepancyID: id, by: author), about: id)
    }

    mutating func announceLate(_ expectation: Expectation) throws {
        let settlement = expectation.settlement
        announce(
            PayoutLateV1(
                paymentID: settlement.payment, provider: expectation.provider, net: try settlement.net(),
                expectedOn: expectation.expectedOn),
            about: settlement.payment, clinic: expectation.clinic)
    }
}
