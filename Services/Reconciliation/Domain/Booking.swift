package import PaymentModel

/// Which entries the books make of what happened.
package enum Booking {
    /// The provider took the client's money: it owes us what the client owed us.
    package static func payment(
        _ amount: Money, by provider: Provider, held: Bool, on day: LocalDate
    ) throws -> LedgerEntry {
        try LedgerEntry(
            .payment, on: day, in: amount.currency,
            [.debit(.clearing(provider), amount), .credit(held ? .heldForClients : .clients, amount)])
    }

    /// The provider keeps its commission and the VAT on it; a negative fee is one given back.
    package static func fee(
        _ fee: Money, vat: Money, by provider: Provider, on day: LocalDate, as kind: LedgerEntry.Kind = .fee,
        tax: FeeTax = FeeTax(.charged, rate: BasisPoints(0))
    ) throws -> LedgerEntry {
        let lines: [LedgerLine] = [
            .debit(.commissions, fee), .debit(.deductibleVAT, vat),
            try .credit(.clearing(provider), fee.adding(vat)),
        ]
        return try LedgerEntry(
            kind, on: day, in: fee.currency, lines + selfAssessed(tax.owed(on: fee, vat: vat)))
    }

    /// The provider kept another commission of a payment than was booked with it; `owed` is what the clinic owes for
    /// that one itself, as it was booked.
    package static func feeCorrection(
        from booked: KeptFee, owing owed: Money, to kept: KeptFee, by provider: Provider, on day: LocalDate,
        tax: FeeTax
    ) throws -> LedgerEntry {
        let (fee, vat) = (try kept.fee.subtracting(booked.fee), try kept.vat.subtracting(booked.vat))
        // Once the provider charges VAT the clinic owes none, whatever was said of the provider's fees since.
        let more =
            try kept.vat.isZero
            ? tax.owed(on: kept.fee, vat: kept.vat).subtracting(tax.owed(on: booked.fee, vat: booked.vat))
            : owed.negated()
        let lines: [LedgerLine] = [
            .debit(.commissions, fee), .debit(.deductibleVAT, vat),
            try .credit(.clearing(provider), fee.adding(vat)),
        ]
        return try LedgerEntry(.feeCorrection, on: day, in: fee.currency, lines + selfAssessed(more))
    }

    /// What is owed for a fee from abroad is deducted at once: it costs nothing and stands on both accounts.
    private static func selfAssessed(_ owed: Money) throws -> [LedgerLine] {
        [.debit(.deductibleVAT, owed), try .credit(.selfAssessedVAT, owed)]
    }

    /// The provider gave money back to the client.
    package static func refund(
        _ amount: Money, by provider: Provider, held: Bool, on day: LocalDate
    ) throws -> LedgerEntry {
        try LedgerEntry(
            .refund, on: day, in: amount.currency,
            [.debit(held ? .heldForClients : .clients, amount), .credit(.clearing(provider), amount)])
    }

    /// A refund came back from the client's bank: everything is as if it had not been.
    package static func refundReturned(
        _ amount: Money, by provider: Provider, held: Bool, on day: LocalDate
    ) throws -> LedgerEntry {
        try contrary(of: refund(amount, by: provider, held: held, on: day), as: .refundReturned)
    }

    /// Money that was held for the client was counted for what the client owes; below nothing, it is held again.
    package static func heldCounted(_ amount: Money, on day: LocalDate) throws -> LedgerEntry {
        try LedgerEntry(
            .heldCounted, on: day, in: amount.currency, [.debit(.heldForClients, amount), .credit(.clients, amount)])
    }

    /// The client disputes a payment: the provider owes it no more, unless the dispute is won.
    package static func disputeOpened(
        _ amount: Money, by provider: Provider, on day: LocalDate
    ) throws -> LedgerEntry {
        try LedgerEntry(
            .disputeOpened, on: day, in: amount.currency,
            [.debit(.withheld, amount), .credit(.clearing(provider), amount)])
    }

    /// What the provider gives back it owes again; what it took the client owes, or it is no longer held for the
    /// client.
    package static func disputeClosed(
        _ amount: Money, _ end: Dispute.End, by provider: Provider, held: Bool
    ) throws -> LedgerEntry {
        try LedgerEntry(
            .disputeClosed, on: end.on, in: amount.currency,
            [
                .debit(.clearing(provider), amount.subtracting(end.taken)),
                .debit(held ? .heldForClients : .clients, end.taken), .credit(.withheld, amount),
            ])
    }

    /// The provider gave or took something that no payment explains: it waits under its own name (C-26).
    ///
    /// What it costs is a commission like others.
    package static func adjustment(
        _ gross: Money, fee: Money, vat: Money, by provider: Provider, on day: LocalDate,
        tax: FeeTax = FeeTax(.charged, rate: BasisPoints(0))
    ) throws -> LedgerEntry {
        let lines: [LedgerLine] = [
            .debit(.clearing(provider), try gross.subtracting(fee).subtracting(vat)), .debit(.commissions, fee),
            .debit(.deductibleVAT, vat), try .credit(.suspense, gross),
        ]
        return try LedgerEntry(
            .adjustment, on: day, in: gross.currency, lines + selfAssessed(tax.owed(on: fee, vat: vat)))
    }

    /// The bank received what the provider paid out; what nobody can explain waits under its own name (C-26).
    ///
    /// What the bank never had is on another account than `bank`, as a person said. Without the `parts` of what was
    /// received nobody knows on which of the bank's accounts.
    package static func payout(
        received: Money, in parts: [Received] = [], into receiving: Account = .bank, explained: Money,
        from provider: Provider, on day: LocalDate, difference account: Account = .suspense
    ) throws -> LedgerEntry {
        let debits: [LedgerLine] =
            parts.isEmpty
            ? [.debit(receiving, received)] : parts.map { .debit(.bank, $0.amount, at: $0.bank) }
        return try LedgerEntry(
            .payout, on: day, in: received.currency,
            debits + [
                .credit(.clearing(provider), explained), .credit(account, received.subtracting(explained)),
            ])
    }

    /// A difference that waited under no better name has one now.
    package static func suspenseCleared(_ amount: Money, into taker: Account, on day: LocalDate) throws -> LedgerEntry {
        try LedgerEntry(
            .suspenseCleared, on: day, in: amount.currency, [.debit(taker, amount), .credit(.suspense, amount)])
    }

    /// What was received on one account of the bank.
    package struct Received: Hashable, Sendable {
        /// By IBAN.
        package let bank: String
        package let amount: Money

        package init(bank: String, amount: Money) {
            self.bank = bank
            self.amount = amount
        }
    }

    /// The contrary of an entry, line by line: how a pointed payout is undone.
    package static func contrary(
        of entry: LedgerEntry, as kind: LedgerEntry.Kind = .payoutUndone
    ) throws -> LedgerEntry {
        let currency = entry.lines.first?.amount.currency ?? .eur
        let lines = try entry.lines.map {
            LedgerLine(account: $0.account, amount: try $0.amount.negated(), bank: $0.bank)
        }
        return try LedgerEntry(kind, on: entry.on, in: currency, lines)
    }
}
