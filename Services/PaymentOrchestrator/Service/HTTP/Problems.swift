import HTTPServer
import PaymentModel
import PaymentOrchestratorDomain
import PaymentProviders
import PostgresClient

extension Problem.Code {
    static let otherPaymentIsLive = Self("other-payment-is-live", 409, "The receivable has another live payment")
    static let receivableSettled = Self("receivable-settled", 409, "Nothing is owed any more")
    static let receivableNotOnline = Self("receivable-not-online", 409, "The invoice is not to be paid online")
    static let methodOff = Self("method-off", 409, "The clinic's organisation does not use the method online")
    static let paymentClosed = Self("payment-closed", 409, "The payment has ended")
    static let paymentAlreadyPaid = Self("payment-already-paid", 409, "The payment was accepted")
    static let paymentNotPaid = Self("payment-not-paid", 409, "Nothing was paid")
    static let outcomeUnknown = Self("outcome-unknown", 409, "The provider's outcome is not known yet")
    static let refundTooLarge = Self("refund-too-large", 409, "More than what is left of the payment")
    static let paymentDisputed = Self("payment-disputed", 409, "The money is disputed or was charged back")
    static let codeNotGood = Self("code-not-good", 409, "The code is not good any more")
    static let notConfirmed = Self("not-confirmed", 409, "The client's code is still to be checked")
    static let clinicNotDescribed = Self("clinic-not-described", 409, "The clinic has no name and contacts here yet")
    static let accountMissing = Self("provider-account-missing", 409, "The clinic has no account at this provider")
    static let accountFailed = Self("provider-account-failed", 409, "The clinic's account works no longer")
    static let accountNotReady = Self("provider-account-not-ready", 409, "The clinic's account takes no payments yet")
    static let planNotEligible = Self("plan-not-eligible", 422, "The provider does not accept this plan")
    static let providerRefused = Self("provider-refused", 422, "The provider refused")
    static let invoicingNotReached = Self("invoicing-not-reached", 503, "Invoicing did not answer")
    static let reportNotReady = Self("report-not-ready", 503, "The provider's report is not ready yet")
    static let providerNotReached = Self("provider-not-reached", 503, "The provider did not answer")
}

/// What the service's own refusals are as problems, so that routes need not translate each.
enum Problems {
    /// Nil for what is no refusal but a failure.
    static func problem(for error: any Error) -> Problem? {
        switch error {
        case let rejection as PaymentRejection: ofPayment(rejection)
        case let rejection as ResolutionRejection: ofResolution(rejection)
        case let rejection as RequestPayment.Rejection: ofRequest(rejection)
        case let rejection as ReadClient.Rejection: ofClient(rejection)
        case let rejection as ConfirmArrival.Rejection: ofArrival(rejection)
        case let refusal as ReadMethods.Refusal:
            Problem(
                .methodOff, detail: refusal.words,
                remedy: "Choose another provider, or have a manager allow it: PUT /v1/payment-methods/{code}.")
        case let refused as ConnectAccount.KeyRefused:
            .field(
                "/key", reason: "The provider does not take it: \(refused.reason).",
                remedy: "Copy the key from the provider again.")
        case let error as PostgresError where error.isUniqueViolation(of: "provider_account_one_per_clinic"):
            Problem(
                .conflict, detail: "Another key of the clinic is being connected at this moment.",
                remedy: "Look at the clinic's accounts, then send the key again if it is still wanted.")
        case let rejection as ProviderRejection: ofProvider(rejection)
        case let rejection as Receivable.Rejection: ofReceivable(rejection)
        case let missing as PayoutsNotTold:
            .retry(.providerNotReached, after: 60, detail: "Its payouts cannot be told now: \(missing.reason).")
        case PayoutReportMissing.beingWritten:
            .retry(.reportNotReady, after: 60, detail: "The provider is still writing the report of the payout.")
        case PayoutReportMissing.refused(let reason):
            Problem(
                .providerRefused, detail: "The provider gives no report of the payout; its word for it is: \(reason).",
                remedy: "Check the payout's name, or get the report on the provider's own page.")
        case NotFound.payment: .notFound("payment")
        case NotFound.account: .notFound("account")
        case NotFound.clinic: .notFound("clinic")
        case NotFound.code: .notFound("code that is good")
        case let rejection as VerificationRejection: ofVerification(rejection)
        case let rejection as ReferralLink.Rejection:
            .field(
                "/state", reason: "The link is \(rejection.state.rawValue) already.",
                remedy: "Give a later state, or another link.")
        case let stale as StaleVersion:
            Problem(
                .changedSince, detail: "The current version is \(stale.current).",
                remedy: "Read it again and send the change with its new ETag.")
        case let rejection as OtherPaymentIsLive: ofOther(rejection.other)
        case let missing as ProviderNotBuilt:
            Problem(
                .providerRefused, detail: "\(missing.provider.rawValue) is not connected to this version yet.",
                remedy: "Use an account of a provider that is.")
        default: nil
        }
    }

    // Not overloads of the function above: an answer that is not optional would lose against it, which then calls
    // itself for ever.

    private static func ofOther(_ other: LivePayment?) -> Problem {
        guard let other else {
            return Problem(
                .otherPaymentIsLive, detail: "Another payment of the same debt ended this moment.",
                remedy: "Send the same request again.")
        }
        let remedy: Sentence =
            switch other.state {
            case .open where other.isAgreed:
                """
                Wait: the client has agreed to it at the provider, which has not decided yet; \
                GET /v1/payments/\(other.id) tells when it has.
                """
            case .requested, .open:
                "Let the client pay by its link (GET /v1/payments/\(other.id)/link), or cancel it first: "
                    + "POST /v1/payments/\(other.id)/cancel."
            default:
                "Wait a moment: the provider is being asked about it; GET /v1/payments/\(other.id) tells when it ended."
            }
        if let debt = other.debt { return ofOther(other, of: debt, remedy) }
        return Problem(
            .otherPaymentIsLive,
            detail: """
                The client is asked for the same sum by the payment \(other.id), which is \(other.state.rawValue): both \
                could be paid.
                """,
            remedy: "\(remedy) If the client owes the sum once more, send the request with another set to true.")
    }

    private static func ofPayment(_ rejection: PaymentRejection) -> Problem {
        switch rejection {
        case .startInProgress, .outcomeUnknown, .alreadyOpen, .beingCancelled, .unknownAttempt, .refundBeingOrdered:
            .retry(.outcomeUnknown, after: 5, detail: "The provider is being asked.")
        case .agreed:
            Problem(
                .outcomeUnknown, detail: "The client has agreed at the provider, which has not decided yet.",
                remedy: "There is nothing to pay by a link now: GET /v1/payments/{paymentID} tells when it is decided.")
        case .notConfirmed:
            Problem(.notConfirmed, detail: "The code was not read out yet.", remedy: "Check the client's code first.")
        case .linkExpired: Problem(.paymentClosed, detail: "The link's time is over.", remedy: "Ask for a new payment.")
        case .linkJustSent(let seconds):
            .retry(.tooManyRequests, after: Int(seconds), detail: "The link was sent a moment ago.")
        case .closed(let state):
            Problem(
                .paymentClosed, detail: "It is \(state.rawValue).",
                remedy: state == .accepted ? "There is nothing left to pay." : "Ask for a new payment.")
        case .alreadyPaid: Problem(.paymentAlreadyPaid, detail: "The client was first.", remedy: "Refund it instead.")
        case .notPaid(let state):
            Problem(
                .paymentNotPaid, detail: "It is \(state.rawValue), and no money was taken by it.",
                remedy: state.isLive
                    ? "Cancel it instead, so that nobody pays it any more." : "There is nothing to give back.")
        case .refundNotPositive:
            .field(
                "/amount", reason: "It is nothing that can be given back.",
                remedy: "Give an amount above zero, or leave it out to give back all that is left.")
        case .refundInOtherCurrency(let currency):
            .field(
                "/amount/currency", reason: "The payment was in \(currency.code).",
                remedy: "Give the amount in \(currency.code).")
        case .refundTooLarge(let left):
            Problem(
                .refundTooLarge,
                detail: left.isZero ? "All of it was given back, or is on its way." : "\(left) are left.",
                remedy: left.isZero ? "There is nothing left to give back." : "Refund \(left) at most.")
        case .refundDisputed(let left, let isOpen): ofDispute(left, isOpen: isOpen)
        case .unknownRefund: .notFound("refund")
        case .clientErased:
            Problem(
                .gone, detail: "The client was erased: nobody knows any more who pays.",
                remedy: "Nothing is left to do: the payment itself goes on, and its money stays as it is.")
        }
    }

    private static func ofDispute(_ left: Money, isOpen: Bool) -> Problem {
        let told: Sentence =
            isOpen
            ? "The client disputes the payment at the provider, which may take it back."
            : "The client's bank or the provider took money back (charge-back)."
        let remedy: Sentence =
            isOpen
            ? """
            Answer the dispute, or accept it to give the money back, on the provider's own page; what the clinic wins \
            can be refunded then.
            """
            : "The client has it already: give nothing back a second time."
        return Problem(
            .paymentDisputed, detail: left.isZero ? told : "\(told) \(left) can be given back.", remedy: remedy)
    }

    private static func ofVerification(_ rejection: VerificationRejection) -> Problem {
        switch rejection {
        case .notWanted:
            Problem(
                .conflict, detail: "The payment is made without a code.",
                remedy: "Let the client pay; for a code, ask for another payment with confirmation.")
        case .closed(let state):
            Problem(.paymentClosed, detail: "It is \(state.rawValue).", remedy: "Ask for a new payment.")
        case .verifiedBefore: Problem(.conflict, detail: "The code was right before.", remedy: "Let the client pay.")
        case .tooSoon(let seconds):
            .retry(.tooManyRequests, after: Int(seconds), detail: "A code was sent a moment ago.")
        case .codesUsedUp:
            Problem(
                .conflict, detail: "No more codes are sent for this payment.",
                remedy: "Check the client's number and ask for a new payment.")
        case .expired: Problem(.codeNotGood, detail: "It is too old.", remedy: "Send another code.")
        case .triesUsedUp: Problem(.codeNotGood, detail: "It was wrong too often.", remedy: "Send another code.")
        }
    }

    private static func ofResolution(_ rejection: ResolutionRejection) -> Problem {
        switch rejection {
        case .alarmUnknown: .notFound("alarm of this kind and provider reference")
        case .doesNotFit(let resolution):
            .field(
                "/resolution", reason: "\(resolution.rawValue) does not end an alarm of this kind.",
                remedy: "Keep, refund or release what differs in amount; refund or note what was paid beside it; "
                    + "release what the provider does not answer about; keep or note a refund that came back; count or "
                    + "note what went back at the provider; note the others once they are set right.")
        case .moneyWasPaid(let amount):
            Problem(.conflict, detail: "\(amount) were paid at the provider.", remedy: "Keep or refund it.")
        case .nothingWasPaid:
            Problem(.conflict, detail: "Nothing was paid at the provider.", remedy: "Release it.")
        case .notPaidTwice:
            Problem(
                .conflict, detail: "The provider does not say that it was paid a second time.",
                remedy: "Look at it on the provider's own page, then note what was done.")
        case .stillPayable:
            Problem(
                .conflict, detail: "It can still be paid at the provider.",
                remedy: "Cancel it on the provider's own page, then release it.")
        case .paidOtherwise:
            Problem(
                .conflict, detail: "The payment was paid by another object.",
                remedy: "Refund it, or note it once the money went back on the provider's own page.")
        case .refundNotFailed:
            Problem(
                .conflict, detail: "The provider does not say that the refund failed: the client may have it.",
                remedy: "Look at it on the provider's own page, then note what was done.")
        case .refundNotListed:
            Problem(
                .conflict, detail: "The provider does not list it as given back.",
                remedy: "Look at it on the provider's own page, then note what was done.")
        case .refundUnderWay:
            Problem(
                .conflict, detail: "A refund was ordered, and nobody knows yet what came of it.",
                remedy: "Wait until that is known, mostly within a minute, then decide again.")
        case .otherCurrency:
            Problem(
                .currencyMismatch, detail: "It was paid in another currency.",
                remedy: "Give the money back on the provider's own page, then release it.")
        }
    }

    private static func ofRequest(_ rejection: RequestPayment.Rejection) -> Problem {
        switch rejection {
        case .clinicNotDescribed:
            Problem(
                .clinicNotDescribed, detail: "Its name and own contacts are needed before the first payment.",
                remedy: "Have a manager describe it: PUT /v1/clinics/{clinicID}.")
        case .noAccount(let provider):
            Problem(
                .accountMissing, detail: "At \(provider.rawValue).",
                remedy: "Choose another provider, or have a manager connect an account at this one.")
        case .accountFailed(let provider, let failure):
            Problem(
                .accountFailed, detail: "At \(provider.rawValue): \(failure).",
                remedy: "Have the clinic's key entered again, or choose another provider.")
        case .accountNotReady(let provider):
            Problem(
                .accountNotReady, detail: "At \(provider.rawValue), which has not let it take payments so far.",
                remedy: "Have the account completed on the provider's own page, or choose another provider.")
        case .ownContacts(let fields): ownContacts(fields)
        case .phoneNotMobile:
            .field(
                "/client/phone", reason: "An SMS reaches mobiles only.",
                remedy: "Give a mobile number, or let the client pay by the channel link, or browser without a code.")
        case .planNotOffered:
            .field("/plan", reason: "The clinic does not offer it.", remedy: "Choose one of the clinic's plans.")
        case .noFeeToOffer:
            .field(
                "/feeOffered", reason: "The client of this plan has no fee.",
                remedy: "Leave it out, or choose a plan whose client pays a fee.")
        case .otherCurrency(let provider, let taken):
            .field(
                "/amount/currency", reason: "The provider \(provider.rawValue) does not take it.",
                remedy: "Give the amount in \(either(taken)), or choose another provider.")
        case .notInEuros:
            .field(
                "/amount/currency", reason: "The clinic's books are in euros.", remedy: "Give the amount in EUR.")
        case .notEligible(let reason): notEligible(reason)
        case .clientUnknown:
            .field(
                "/clientID", reason: "It is not a client we know.",
                remedy: "Enter the client first; if that was just done, send the same request again in a moment.")
        case .clientErased:
            .field(
                "/clientID", reason: "The client was erased.",
                remedy: "If the person is a client again, enter it anew in invoicing and give that client's id.")
        case .debtUnknown(let debt): ofUnknown(debt)
        }
    }

    private static func either(_ currencies: [Currency]) -> Sentence {
        currencies.dropFirst().reduce(Sentence(currencies.first?.code ?? "")) { before, next in
            "\(before) or \(next.code)"
        }
    }

    private static func notEligible(_ reason: PlanOffer.Reason) -> Problem {
        let words = PlanAnswer.words(reason)
        let other: Sentence = "Choose a plan that POST /v1/eligibility offers for this amount."
        let (pointer, remedy): (String, Sentence) =
            switch reason {
            case .underMinimum(let minimum): ("/amount", "Ask for \(minimum) at least, or choose another plan.")
            case .overMaximum(let maximum): ("/amount", "Ask for \(maximum) at most, or choose another plan.")
            case .notInContract, .notOfferedByClinic, .feeAboveCeiling, .notReached, .accountNotReady, .other:
                ("/plan", other)
            }
        return Problem(
            .planNotEligible, detail: words, remedy: other,
            errors: [FieldProblem(pointer: pointer, reason: words, remedy: remedy)])
    }

    private static func ofClient(_ rejection: ReadClient.Rejection) -> Problem {
        switch rejection {
        case .notAsked:
            .field(
                "/client", reason: "This service was given no key with which it could ask invoicing.",
                remedy: "Give the client's details, or have QUITTANCE_SIGNING_KEY set.")
        case .notReached:
            .retry(.invoicingNotReached, after: 5, detail: "It was asked who the client is.")
        case .clientUnknown:
            .field("/clientID", reason: "Invoicing does not know it.", remedy: "Enter the client first.")
        case .incomplete(let missing):
            Problem(
                .invalidFields, detail: "The client's record lacks what a provider insists on.",
                remedy: "Complete the record of the client, or give the details.",
                errors: missing.map {
                    FieldProblem(
                        pointer: "/client/\($0)", reason: "The client's record does not say it.",
                        remedy: "Complete the client in invoicing, or give all details in the request.")
                })
        }
    }

    private static func ownContacts(_ fields: [String]) -> Problem {
        Problem(
            .invalidFields, detail: "These are contacts of one of your clinics.",
            remedy: "Ask the client for a phone number or address of their own.",
            errors: fields.map {
                FieldProblem(
                    pointer: "/client/\($0)", reason: "It belongs to one of your clinics or its people.",
                    remedy: "Give the client's own.")
            })
    }

    private static func ofProvider(_ rejection: ProviderRejection) -> Problem {
        switch rejection {
        case .refused(let reason):
            Problem(
                .providerRefused, detail: "The provider did not take the request; its word for it is: \(reason).",
                remedy: "Try another plan or another provider; when it stays so, have a manager check the account.")
        case .notReached: .retry(.providerNotReached, after: 5)
        }
    }
}
