// One type for each kind of thing, so that an id given in another's place does not compile.

/// A chain of clinics; nobody reads another's data.
package struct OrganisationID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// One clinic of an organisation.
package struct ClinicID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// A client of a clinic, who may be asked to pay.
package struct ClientID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// Somebody who can be reached: another person of a client's, or an entry of the directory.
package struct ContactID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// An invoice, from draft to paid.
package struct InvoiceID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// An amount a client owes that is on no invoice.
package struct ReceivableID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// An offer to a client, which may become an invoice.
package struct QuoteID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// Debts of a client that were closed together.
package struct SettlementID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// That a debt reached a level of dunning.
package struct DunningID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// A credit note, which corrects an issued invoice.
package struct CreditNoteID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// Money recorded for a client, allocated to invoices or not yet.
package struct PaymentOnAccountID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// An organisation's account at a payment provider.
package struct ProviderAccountID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// An online payment, from its request to its outcome.
package struct PaymentID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// One code sent to a client's phone, to be read out.
package struct VerificationID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// One try to take an online payment at a provider.
package struct AttemptID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// Money given back for an online payment.
package struct RefundID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// One message to one recipient.
package struct MessageID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// One text to many recipients.
package struct CampaignID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// Parts of SMS an organisation bought, or a correction of them.
package struct QuotaEntryID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// Money a provider sends to the bank in one transfer.
package struct PayoutID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// One line of a bank statement.
package struct BankLineID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// An imported bank statement.
package struct StatementID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// Something in the books that needs a person.
package struct DiscrepancyID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// One entry of the audit trail.
package struct AuditEntryID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// A thing of any kind, for what is kept about things of every kind.
package struct SubjectID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// One event; a second delivery has the same.
package struct EventID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// Everything that came from one first cause.
package struct CorrelationID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}

/// A message that was parked.
package struct DeadLetterID: Identifier {
    package let words: IdentifierWords
    package init(words: IdentifierWords) { self.words = words }
}
