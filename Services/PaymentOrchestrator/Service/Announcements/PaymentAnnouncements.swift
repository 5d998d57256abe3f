import EventContract
import PaymentModel
import PaymentOrchestratorDomain
import TransactionalMessaging

/// From what became true inside to what is told to everybody.
enum PaymentAnnouncements {
    /// Puts the event of a fact into the outbox; an alarm is for people and stays inside.
    static func announce(
        _ fact: PaymentFact, of record: PaymentRecord, at now: Instant, _ calendar: ClinicCalendar,
        in change: inout Change
    ) {
        let (id, clinic) = (record.id, record.clinic)
        let terms = record.payment.terms
        switch fact {
        case .requested:
            change.announce(requested(terms, by: record.requestedBy), about: id, clinic: clinic)
        case .codeRequested(let asked):
            change.announce(
                VerificationRequestedV1(
                    paymentID: id, verificationID: asked.code.id, clientID: terms.client, expiresAt: asked.expiresAt),
                about: id, clinic: clinic)
        case .linkRequested: change.announce(linkRequested(terms), about: id, clinic: clinic)
        case .linkOpened: change.announce(PaymentLinkOpenedV1(paymentID: id), about: id, clinic: clinic)
        case .accepted(let acceptance):
            let on = calendar.date(of: acceptance.at)
            change.announce(accepted(terms, acceptance, on: on), about: id, clinic: clinic)
        case .refused(let reason): change.announce(refused(terms, reason), about: id, clinic: clinic)
        case .cancelled(let reason): change.announce(cancelled(terms, reason), about: id, clinic: clinic)
        case .expired: change.announce(expired(terms), about: id, clinic: clinic)
        case .becameUnknown(let operation): change.announce(unknown(terms, operation), about: id, clinic: clinic)
        case .instalmentPaid(let paid):
            change.announce(
                paidEvent(paid, terms, on: calendar.date(of: now)), about: id, clinic: clinic)
        case .instalmentLate(let late): change.announce(lateEvent(late, terms), about: id, clinic: clinic)
        case .scheduleChanged(let schedule):
            change.announce(
                ScheduleChangedV1(
                    paymentID: id, invoiceID: terms.invoice, clientID: terms.client, schedule: schedule),
                about: id, clinic: clinic)
        case .refundRequested(let refund): change.announce(requested(refund, terms), about: id, clinic: clinic)
        case .refundCompleted(let refund):
            change.announce(completed(refund, record, at: now, on: calendar.date(of: now)), about: id, clinic: clinic)
        case .refundFailed(let refund, let reason):
            change.announce(failed(refund, terms, because: reason), about: id, clinic: clinic)
        case .refundReturned(let refund, let reason):
            change.announce(
                failed(refund, terms, because: reason, after: calendar.date(of: now)), about: id, clinic: clinic)
        case .disputeOpened(let dispute):
            change.announce(opened(dispute, terms, on: calendar.date(of: now)), about: id, clinic: clinic)
        case .disputeClosed(let dispute):
            change.announce(closed(dispute, terms, on: calendar.date(of: now)), about: id, clinic: clinic)
        case .disputeReopened, .disputeStayedLost, .codeRight, .codeWrong, .alarm, .alarmResolved, .clientErased: break
        }
    }

    private static func requested(_ terms: PaymentTerms, by person: String?) -> PaymentRequestedV1 {
        PaymentRequestedV1(
            paymentID: terms.id, invoiceID: terms.invoice, receivableID: terms.receivable, clientID: terms.client,
            amount: terms.amount, provider: terms.provider, plan: terms.plan, channel: terms.channel,
            expiresAt: terms.expiresAt, requestedBy: person)
    }

    private static func linkRequested(_ terms: PaymentTerms) -> PaymentLinkRequestedV1 {
        PaymentLinkRequestedV1(
            paymentID: terms.id, invoiceID: terms.invoice, clientID: terms.client, amount: terms.amount,
            expiresAt: terms.expiresAt)
    }

    private static func accepted(
        _ terms: PaymentTerms, _ acceptance: Acceptance, on day: LocalDate
    ) -> PaymentAcceptedV1 {
        PaymentAcceptedV1(
            paymentID: terms.id, invoiceID: terms.invoice, receivableID: terms.receivable, clientID: terms.client,
            amount: acceptance.amount, provider: terms.provider, providerReference: acceptance.reference,
            plan: terms.plan, schedule: acceptance.schedule, fee: acceptance.fee.net, feeVAT: acceptance.fee.vat,
            acceptedAt: acceptance.at, expectedPayoutOn: acceptance.expectedPayoutOn,
            disposition: disposition(acceptance.disposition), acceptedOn: day)
    }

    private static func disposition(_ disposition: Disposition) -> PaymentAcceptedV1.Disposition {
        switch disposition {
        case .receivable: .receivable
        case .heldForClient: .heldForClient
        }
    }

    private static func refused(_ terms: PaymentTerms, _ reason: String) -> PaymentRefusedV1 {
        PaymentRefusedV1(
            paymentID: terms.id, invoiceID: terms.invoice, clientID: terms.client, amount: terms.amount,
            provider: terms.provider, reason: reason)
    }

    private static func cancelled(_ terms: PaymentTerms, _ reason: CancelReason) -> PaymentCancelledV1 {
        PaymentCancelledV1(
            paymentID: terms.id, invoiceID: terms.invoice, clientID: terms.client, amount: terms.amount,
            provider: terms.provider, reason: reason.rawValue)
    }

    private static func expired(_ terms: PaymentTerms) -> PaymentExpiredV1 {
        PaymentExpiredV1(
            paymentID: terms.id, invoiceID: terms.invoice, clientID: terms.client, amount: terms.amount,
            provider: terms.provider)
    }

    private static func unknown(_ terms: PaymentTerms, _ operation: ProviderOperation) -> PaymentUnknownV1 {
        PaymentUnknownV1(
            paymentID: terms.id, invoiceID: terms.invoice, clientID: terms.client, amount: terms.amount,
            provider: terms.provider, operation: operation.rawValue)
    }

    private static func paidEvent(
        _ paid: NumberedInstalment, _ terms: PaymentTerms, on today: LocalDate
    ) -> InstalmentPaidV1 {
        InstalmentPaidV1(
            paymentID: terms.id, invoiceID: terms.invoice, clientID: terms.client, number: paid.number,
            count: paid.count, dueOn: paid.instalment.dueOn, amount: paid.instalment.amount,
            paidOn: paid.instalment.paidOn ?? today)
    }

    private static func lateEvent(_ late: NumberedInstalment, _ terms: PaymentTerms) -> InstalmentLateV1 {
        InstalmentLateV1(
            paymentID: terms.id, invoiceID: terms.invoice, clientID: terms.client, number: late.number,
            count: late.count, dueOn: late.instalment.dueOn, amount: late.instalment.amount)
    }

    private static func requested(_ refund: Refund, _ terms: PaymentTerms) -> RefundRequestedV1 {
        RefundRequestedV1(
            refundID: refund.id, paymentID: terms.id, invoiceID: terms.invoice, clientID: terms.client,
            amount: refund.amount)
    }

    /// `after` is the day on which a refund came back that had been told as done.
    private static func failed(
        _ refund: Refund, _ terms: PaymentTerms, because reason: String, after day: LocalDate? = nil
    ) -> RefundFailedV1 {
        RefundFailedV1(
            refundID: refund.id, paymentID: terms.id, invoiceID: terms.invoice, clientID: terms.client,
            provider: terms.provider, amount: refund.amount, reason: reason, wasCompleted: day.map { _ in true },
            failedOn: day)
    }

    private static func opened(_ dispute: Dispute, _ terms: PaymentTerms, on day: LocalDate) -> DisputeOpenedV1 {
        DisputeOpenedV1(
            paymentID: terms.id, invoiceID: terms.invoice, clientID: terms.client, provider: terms.provider,
            disputeReference: dispute.name, amount: dispute.amount, reason: dispute.reason, openedOn: day,
            respondBy: dispute.respondBy)
    }

    private static func closed(_ dispute: Dispute, _ terms: PaymentTerms, on day: LocalDate) -> DisputeClosedV1 {
        DisputeClosedV1(
            paymentID: terms.id, invoiceID: terms.invoice, clientID: terms.client, provider: terms.provider,
            disputeReference: dispute.name, amount: dispute.amount, chargedBack: dispute.chargedBack,
            outcome: dispute.state == .lost ? .lost : .won, closedOn: day)
    }

    private static func completed(
        _ refund: Refund, _ record: PaymentRecord, at now: Instant, on day: LocalDate
    ) -> RefundCompletedV1 {
        let terms = record.payment.terms
        return RefundCompletedV1(
            refundID: refund.id, paymentID: terms.id, invoiceID: terms.invoice, clientID: terms.client,
            amount: refund.amount, provider: terms.provider, schedule: record.schedule, completedAt: now,
            completedOn: day)
    }
}
