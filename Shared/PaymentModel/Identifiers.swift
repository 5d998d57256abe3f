// One type for each kind of thing, so that an id given in another's place does not compile.

/// A chain of clinics; nobody reads another's data.
package struct OrganisationID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}

/// One clinic of an organisation.
package struct ClinicID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}

/// A client of a clinic, who may be asked to pay.
package struct ClientID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}

/// An invoice, from draft to paid.
package struct InvoiceID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}

/// A credit note, which corrects an issued invoice.
package struct CreditNoteID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}

/// Money recorded for a client, allocated to invoices or not yet.
package struct PaymentOnAccountID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}

/// An organisation's account at a payment provider.
package struct ProviderAccountID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}

/// An online payment, from its request to its outcome.
package struct PaymentID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}

/// One try to take an online payment at a provider.
package struct AttemptID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}

/// Money given back for an online payment.
package struct RefundID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}

/// One message to one recipient.
package struct MessageID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}

/// Money a provider sends to the bank in one transfer.
package struct PayoutID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}

/// One line of a bank statement.
package struct BankLineID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}

/// An imported bank statement.
package struct StatementID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}

/// Something in the books that needs a person.
package struct DiscrepancyID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}

/// One event; a second delivery has the same.
package struct EventID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}

/// Everything that came from one first cause.
package struct CorrelationID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}

/// A message that was parked.
package struct DeadLetterID: Identifier {
    package let value: UInt128
    package init(_ value: UInt128) { self.value = value }
}
