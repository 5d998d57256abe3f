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
        _ fee: Money, vat: Money, by provider: Provider, on day: LocalDate, as kind: LedgerEntry.Kind = .fee
    ) throws -> LedgerEntry {
        try LedgerEntry(
            kind, on: day, in: fee.currency,
            [
                .debit(.commissions, fee), .debit(.deductibleVAT, vat),
                .credit(.clearing(provider), fee.adding(vat)),
            ])
    }

    /// The provider gave money back to the client.
    package static func refund(
        _ amount: Money, by provider: Provider, held: Bool, on day: LocalDate
    ) throws -> LedgerEntry {
        try LedgerEntry(
            .refund, on: day, in: amount.currency,
            [.debit(held ? .heldForClients : .clients, amount), .credit(.clearing(provider), amount)])
    }

    /// The provider gave or took something that no payment explains: it waits under its own name (C-26).
    package static func adjustment(
        _ net: Money, by provider: Provider, on day: LocalDate
    ) throws -> LedgerEntry {
        try LedgerEntry(
            .adjustment, on: day, in: net.currency, [.debit(.clearing(provider), net), .credit(.suspense, net)])
    }

    /// The bank received what the provider paid out; what nobody can explain waits under its own name (C-26).
    package static func payout(
        received: Money, explained: Money, from provider: Provider, on day: LocalDate,
        difference account: Account = .suspense
    ) throws -> LedgerEntry {
        try LedgerEntry(
            .payout, on: day, in: received.currency,
            [
                .debit(.bank, received), .credit(.clearing(provider), explained),
                .credit(account, received.subtracting(explained)),
            ])
    }

    /// The contrary of an entry, line by line: how a pointed payout is undone.
    package static func contrary(
        of entry: LedgerEntry, as kind: LedgerEntry.Kind = .payoutUndone
    ) throws -> LedgerEntry {
        let currency = entry.lines.first?.amount.currency ?? .eur
        let lines = try entry.lines.map { LedgerLine(account: $0.account, amount: try $0.amount.negated()) }
        return try LedgerEntry(kind, on: entry.on, in: currency, lines)
    }
}
