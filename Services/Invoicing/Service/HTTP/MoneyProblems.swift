import HTTPServer
import InvoicingDomain
import PaymentModel

/// What refusals about money mean for a caller; the rest is in `Problems`.
enum MoneyProblems {
    static func problem(for error: any Error) -> Problem? {
        switch error {
        case let rejection as CollectingRejection: collecting(rejection)
        case let rejection as AllocationRejection: allocating(rejection)
        case let invoice as NotOwed: notOwed(invoice)
        case let rejection as PaymentRejection: reversing(rejection)
        case let rejection as QuoteRejection: quoting(rejection)
        case let rejection as ReceivableRejection: receivable(rejection)
        case let rejection as RateCreditRejection: crediting(rejection)
        case let refusal as KeepMethod.Refusal: method(refusal)
        case let refusal as KeepRules.AboveLegalCeiling:
            .field(
                "/cashCeiling", reason: "The law allows at most \(refusal.ceiling).",
                remedy: "Give that amount or less.")
        case is SettleDebts.NothingDue:
            Problem(
                .conflict, detail: "Nothing of this period is due.", remedy: "Give a period in which something is due.")
        case is SettleDebts.TooManyDue:
            Problem(
                .conflict, detail: "More than \(SettleDebts.debtsMax) debts of this period are due.",
                remedy: "Settle a shorter period; of a single day the first \(SettleDebts.debtsMax) are closed.")
        case let early as SettleDebts.TooEarly: tooEarly("/on", "It is before \(early.first).")
        case is SettleDebts.AlreadyUndone:
            Problem(
                .conflict, detail: "It was undone before.", remedy: "There is nothing more to undo; read it again.")
        case is KeepContact.TooMany:
            Problem(
                .conflict, detail: "The client has \(ContactStore.countMax) contacts.", remedy: "Remove one first.")
        case let early as DayNotYet: notYet(early.pointer, early.today)
        case is PaymentAlreadyAccepted:
            Problem(
                .conflict, detail: "The payment was accepted before.", remedy: "Read the list again; it counts already."
            )
        default: nil
        }
    }

    private static func collecting(_ rejection: CollectingRejection) -> Problem {
        switch rejection {
        case .methodNotUsed(let code):
            .field("/method", reason: "\(code) is not in use here.", remedy: "List the payment methods.")
        case .methodArrivesByItself(let code):
            .field(
                "/method", reason: "\(code) is told by its provider and must not be typed in as well.",
                remedy: "Start the payment online, or accept it among the waiting payments.")
        case .cashAboveCeiling(let ceiling):
            tooMuchCash(
                "Cash is taken up to \(ceiling) (code monétaire et financier, L112-6).",
                "Take the rest by card, cheque or transfer.")
        case .saleAboveCashCeiling(.quote, let ceiling, let earlier):
            tooMuchCash(
                "All of one quote is paid with cash up to \(ceiling), \(earlier) of which were taken before.",
                "Take the rest by card, cheque or transfer; splitting it does not help.")
        case .saleAboveCashCeiling(.debt, let ceiling, let earlier):
            tooMuchCash(
                "One debt is paid with cash up to \(ceiling), \(earlier) of which were taken before.",
                "Take the rest by card, cheque or transfer; splitting it does not help.")
        case .tenderedTooLittle(let amount):
            .field("/tendered", reason: "It is less than \(amount).", remedy: "Collect what was handed over.")
        case .tenderedWithoutCash:
            .field("/tendered", reason: "Only cash is handed over.", remedy: "Leave it out.")
        case .chequeMissing:
            .field("/cheque", reason: "The cheque is not described.", remedy: "Give its number at least.")
        case .chequeWithoutCheque:
            .field("/cheque", reason: "The method is no cheque.", remedy: "Leave it out.")
        case .otherCurrency(let currency):
            .currency("/amount", is: currency, insteadOfThatOf: "the till")
        case .notYet(let today): notYet("/collectedOn", today)
        case .tooLongAgo(let first):
            .field(
                "/collectedOn", reason: "It is too long ago to be the day the money was taken.",
                remedy: "Give \(first) or a later day; older payments are imported.")
        }
    }

    private static func notYet(_ pointer: String, _ today: LocalDate) -> Problem {
        .field(pointer, reason: "It has not come yet: it is \(today).", remedy: "Give \(today) or an earlier day.")
    }

    private static func tooEarly(_ pointer: String, _ reason: Sentence) -> Problem {
        .field(pointer, reason: reason, remedy: "Give that day or a later one.")
    }

    private static func tooMuchCash(_ reason: Sentence, _ remedy: Sentence) -> Problem {
        Problem(
            .cashCeiling, detail: reason, remedy: remedy,
            errors: [FieldProblem(pointer: "/amount", reason: reason, remedy: remedy)])
    }

    private static func allocating(_ rejection: AllocationRejection) -> Problem {
        switch rejection {
        case .notOwed(let debt):
            told(debt, "is not owed by this client, or not any more", "List the client's debts.")
        case .toldTwice(let debt): told(debt, "is named twice", "Name it once.")
        case .notPositive(let debt): told(debt, "gets no positive amount", "Give an amount above zero, or none.")
        case .moreThanDue(let debt, let due): told(debt, "has only \(due) due", "Give at most that.")
        case .moreThanLeft(let debt, let left):
            told(debt, "cannot be served: \(left) is left of the payment", "Give less to others, or leave it out.")
        case .otherCurrency(let debt): told(debt, "is in another currency", "Leave it out.")
        }
    }

    private static func notOwed(_ invoice: NotOwed) -> Problem {
        let called = invoice.number ?? "\(invoice.id)"
        let name: Sentence = "The invoice \(called)"
        return .field(
            "/allocations", reason: "\(name) \(standing(invoice.status)).", remedy: "List the client's debts.")
    }

    private static func standing(_ status: Invoice.Status?) -> Sentence {
        switch status {
        case nil: "is not one of this client's"
        case .draft: "is still a draft"
        case .cancelled: "is cancelled"
        case .paid: "is paid already"
        case .credited: "is credited"
        case .writtenOff: "is written off"
        // What is owed in the payment's currency is no cause to refuse it.
        case .issued, .partPaid: "is in another currency"
        }
    }

    private static func told(_ debt: Debt, _ reason: Sentence, _ remedy: Sentence) -> Problem {
        let name: Sentence =
            debt.invoice.map { "The invoice \($0)" } ?? debt.receivable.map { "The receivable \($0)" } ?? "It"
        return .field("/allocations", reason: "\(name) \(reason).", remedy: remedy)
    }

    private static func reversing(_ rejection: PaymentRejection) -> Problem {
        switch rejection {
        case .isOnline:
            Problem(
                .conflict, detail: "The payment was made online.", remedy: "Refund it; its provider gives it back.")
        case .isReversed:
            Problem(
                .conflict, detail: "The payment was reversed before.",
                remedy: "Record the payment anew if it came after all.")
        case .beforeReceipt(let day): tooEarly("/on", "The money was received on \(day).")
        case .beforeFree(let day): tooEarly("/on", "It is the client's credit since \(day) only.")
        case .beforeCount(let day): tooEarly("/on", "Some of it was counted on \(day).")
        case .beforeDebt(let day): tooEarly("/on", "It would be counted for what is of \(day).")
        case .beforeRestoration(let day): tooEarly("/on", "It was archived before, until \(day).")
        case .notYet(let today): notYet("/on", today)
        case .isArchived:
            Problem(.conflict, detail: "The payment is archived.", remedy: "Restore it first.")
        case .notArchived:
            Problem(
                .conflict, detail: "The payment is not archived.", remedy: "There is nothing to restore; read it again."
            )
        case .nothingLeft:
            Problem(
                .conflict, detail: "Nothing is left of this payment.",
                remedy: "Take another payment; all of this one is used.")
        }
    }

    private static func receivable(_ rejection: ReceivableRejection) -> Problem {
        switch rejection {
        case .dueBeforeRecorded(let day): tooEarly("/dueOn", "It is before \(day).")
        case .alreadyPaid(let paid):
            Problem(
                .conflict, detail: "\(paid) was paid on it.", remedy: "Reverse the payment first, or record another.")
        case .otherCurrency(let currency):
            .currency("/amount", is: currency, insteadOfThatOf: "the receivable")
        case .notInEuros(let currency): notInEuros(currency)
        case .notPositive: .field("/amount", reason: "It is not above zero.", remedy: "Give a positive amount.")
        case .moreThan(let limit, let asked): .more(asked, than: limit, leftOf: "the receivable")
        }
    }

    private static func notInEuros(_ currency: Currency) -> Problem {
        let remedy: Sentence = "Give the amount in EUR."
        return Problem(
            .currencyMismatch, detail: "The amount is in \(currency.code), and the books are in euros.", remedy: remedy,
            errors: [FieldProblem(pointer: "/amount", reason: "It is in \(currency.code).", remedy: remedy)])
    }

    private static func crediting(_ rejection: RateCreditRejection) -> Problem {
        switch rejection {
        case .notBilled(let place):
            .field(
                "/rates/\(place)/vatBasisPoints", reason: "The invoice bills nothing at this rate.",
                remedy: "Give a rate that the invoice has.")
        case .namedTwice(let place):
            .field(
                "/rates/\(place)/vatBasisPoints", reason: "The rate is named twice.", remedy: "Name it once.")
        case .notPositive(let place):
            .field(
                "/rates/\(place)/amount", reason: "It is not above zero.", remedy: "Give a positive amount.")
        case .otherCurrency(let currency, let place):
            .currency("/rates/\(place)/amount", is: currency, insteadOfThatOf: "the invoice")
        case .moreThan(let limit, let asked, let place):
            .more(asked, than: limit, leftOf: "this rate", at: "/rates/\(place)/amount")
        case .moreThanOwed(let limit, let asked): .more(asked, than: limit, leftOf: "the invoice", at: "/rates")
        }
    }

    private static func quoting(_ rejection: QuoteRejection) -> Problem {
        switch rejection {
        case .validBeforeIssue(let day): tooEarly("/validUntil", "It is before \(day).")
        case .nothingQuoted:
            .field("/lines", reason: "They sum to nothing.", remedy: "Quote something that costs something.")
        case .notOpen(let state):
            Problem(
                .conflict, detail: "The quote is \(state == .declined ? "declined" : "an invoice") by now.",
                remedy: "Read it again; write a new quote if it is needed.")
        case .expired(let day):
            Problem(.conflict, detail: "The quote was valid until \(day).", remedy: "Write a new one.")
        case .beforeIssue(let day): tooEarly("/issuedOn", "The quote is of \(day).")
        case .notPositive: .field("/amount", reason: "It is not above zero.", remedy: "Give a positive amount.")
        case .otherCurrency(let currency):
            .currency("/amount", is: currency, insteadOfThatOf: "the quote")
        case .moreThanLeft(let left):
            .field("/amount", reason: "Only \(left) of the quote is left.", remedy: "Give at most that.")
        case .anotherIsOnline:
            .field(
                "/online", reason: "Another deposit of the quote is payable online.",
                remedy: "Give false, or let the rules allow several.")
        case .deposited:
            Problem(
                .conflict, detail: "Deposits were asked for on the quote: it is accepted.",
                remedy: "Credit them in full first; what was paid is the client's credit then.")
        }
    }

    private static func method(_ refusal: KeepMethod.Refusal) -> Problem {
        switch refusal {
        case .codeInUse: .field("/code", reason: "Another method has it.", remedy: "Give another code.")
        case .tooMany(let max):
            Problem(.conflict, detail: "There are \(max) methods.", remedy: "Change one that is not used.")
        case .kindStays(let kind):
            .field("/kind", reason: "It is \(kind.rawValue) for good.", remedy: "Add another method instead.")
        case .onlineWithoutProvider:
            .field("/online", reason: "Only a provider is paid online.", remedy: "Give false.")
        }
    }
}

extension Problem.Code {
    /// The law does not let so much be paid with cash.
    static let cashCeiling = Self("cash-ceiling", 422, "Too much cash")
}
