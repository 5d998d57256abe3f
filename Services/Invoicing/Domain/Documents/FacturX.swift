import PaymentModel

/// An issued document as Factur-X data: a Cross Industry Invoice of the profile EN 16931.
///
/// Elements come in the order of the schema (UN/CEFACT CII D22B); BT and BG are the terms of EN 16931-1.
package struct FacturX: Sendable {
    package static let fileName = "factur-x.xml"
    package static let profile = "EN 16931"
    private static let guideline = "urn:cen.eu:en16931:2017"

    private let document: IssuedDocument

    package init(_ document: IssuedDocument) { self.document = document }

    /// Whether it bills something, and the seller is named well enough for an e-invoice: by a VAT or a registration
    /// number (BR-CO-26, BR-S-02).
    package static func admits(_ document: IssuedDocument) -> Bool {
        document.kind != .quote && (document.seller.vatNumber != nil || document.seller.siren != nil)
    }

    package var xml: String {
        var xml = XMLWriter()
        xml.element(
            "rsm:CrossIndustryInvoice",
            [
                "xmlns:rsm": "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100",
                "xmlns:ram": "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100",
                "xmlns:qdt": "urn:un:unece:uncefact:data:standard:QualifiedDataType:100",
                "xmlns:udt": "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100",
            ]
        ) { xml in
            xml.element("rsm:ExchangedDocumentContext") { xml in
                xml.element("ram:GuidelineSpecifiedDocumentContextParameter") { $0.element("ram:ID", Self.guideline) }
            }
            xml.element("rsm:ExchangedDocument") { head(&$0) }
            xml.element("rsm:SupplyChainTradeTransaction") { xml in
                for (index, line) in document.lines.enumerated() {
                    xml.element("ram:IncludedSupplyChainTradeLineItem") { write(line, number: index + 1, &$0) }
                }
                xml.element("ram:ApplicableHeaderTradeAgreement") { xml in
                    xml.element("ram:SellerTradeParty") { seller(&$0) }
                    xml.element("ram:BuyerTradeParty") { buyer(&$0) }
                }
                xml.element("ram:ApplicableHeaderTradeDelivery") { xml in
                    if let place = deliveryPlace {
                        xml.element("ram:ShipToTradeParty") { write(place, &$0) }
                    }
                    // BT-72.
                    if let day = document.suppliedOn {
                        xml.element("ram:ActualDeliverySupplyChainEvent") { xml in
                            xml.element("ram:OccurrenceDateTime") { write(day, &$0) }
                        }
                    }
                }
                xml.element("ram:ApplicableHeaderTradeSettlement") { settlement(&$0) }
            }
        }
        return xml.text
    }

    /// BT-1, BT-2, BT-3 and the notes.
    private func head(_ xml: inout XMLWriter) {
        xml.element("ram:ID", document.number)
        xml.element("ram:TypeCode", document.kind.code)
        xml.element("ram:IssueDateTime") { write(document.issuedOn, &$0) }
        for note in LegalNotes(document).coded {
            xml.element("ram:IncludedNote") { xml in
                xml.element("ram:Content", note.text)
                xml.element(optional: "ram:SubjectCode", note.subject)
            }
        }
    }
}

// MARK: Who

extension FacturX {
    /// BG-4.
    private func seller(_ xml: inout XMLWriter) {
        let seller = document.seller
        xml.element("ram:Name", seller.name)
        xml.element(optional: "ram:Description", LegalNotes(document).company)
        if let number = seller.siren {
            xml.element("ram:SpecifiedLegalOrganization") { xml in
                xml.element("ram:ID", number, ["schemeID": "0002"])
                xml.element(
                    optional: "ram:TradingBusinessName",
                    document.establishment == seller.name ? nil : document.establishment)
            }
        }
        write(seller.address, &xml)
        if let number = seller.vatNumber {
            xml.element("ram:SpecifiedTaxRegistration") { $0.element("ram:ID", number, ["schemeID": "VA"]) }
        } else if let number = seller.siren {
            xml.element("ram:SpecifiedTaxRegistration") { $0.element("ram:ID", number, ["schemeID": "FC"]) }
        }
    }

    /// BG-7.
    private func buyer(_ xml: inout XMLWriter) {
        let buyer = document.buyer
        xml.element("ram:Name", buyer.name)
        if let number = buyer.siren {
            xml.element("ram:SpecifiedLegalOrganization") { $0.element("ram:ID", number, ["schemeID": "0002"]) }
        }
        write(buyer.address, &xml)
        if let number = buyer.vatNumber {
            xml.element("ram:SpecifiedTaxRegistration") { $0.element("ram:ID", number, ["schemeID": "VA"]) }
        }
    }

    /// Where no day of supply is said the place is, since delivery may not be empty (PEPPOL-EN16931-R008): what goes
    /// nowhere else goes to the buyer.
    private var deliveryPlace: DeliveryPlace? {
        guard document.suppliedOn == nil else { return document.delivery }
        return document.delivery ?? DeliveryPlace(name: document.buyer.name, address: document.buyer.address)
    }

    /// BG-13 and BG-15.
    private func write(_ place: DeliveryPlace, _ xml: inout XMLWriter) {
        xml.element(optional: "ram:Name", place.name)
        write(place.address, &xml)
    }

    private func write(_ address: PostalAddress, _ xml: inout XMLWriter) {
        xml.element("ram:PostalTradeAddress") { xml in
            xml.element(optional: "ram:PostcodeCode", address.postcode)
            xml.element(optional: "ram:LineOne", address.street)
            xml.element(optional: "ram:CityName", address.town)
            xml.element("ram:CountryID", address.country)
        }
    }
}

// MARK: What

extension FacturX {
    /// BG-25.
    private func write(_ line: IssuedDocument.Line, number: Int, _ xml: inout XMLWriter) {
        xml.element("ram:AssociatedDocumentLineDocument") { xml in
            xml.element("ram:LineID", "\(number)")
            // BT-127.
            if let practitioner = line.practitioner {
                xml.element("ram:IncludedNote") { $0.element("ram:Content", "Intervenant : \(practitioner)") }
            }
        }
        xml.element("ram:SpecifiedTradeProduct") { $0.element("ram:Name", line.label) }
        xml.element("ram:SpecifiedLineTradeAgreement") { xml in
            xml.element("ram:NetPriceProductTradePrice") { xml in
                xml.element("ram:ChargeAmount", decimal(line.unitPriceTenThousandths, digits: 4))
            }
        }
        xml.element("ram:SpecifiedLineTradeDelivery") { xml in
            // BT-129 and BT-130: one of whatever the line names, where nobody said of what.
            let unit = line.unit ?? .piece
            xml.element("ram:BilledQuantity", decimal(line.thousandths, digits: 3), ["unitCode": unit.code])
        }
        xml.element("ram:SpecifiedLineTradeSettlement") { xml in
            xml.element("ram:ApplicableTradeTax") { xml in
                xml.element("ram:TypeCode", "VAT")
                xml.element("ram:CategoryCode", category(of: line.rate, isExempt: line.isExempt))
                xml.element("ram:RateApplicablePercent", decimal(Int64(line.rate.value), digits: 2))
            }
            if let discount = line.discount, discount.isPositive {
                xml.element("ram:SpecifiedTradeAllowanceCharge") { xml in
                    xml.element("ram:ChargeIndicator") { $0.element("udt:Indicator", "false") }
                    xml.element("ram:ActualAmount", amount(discount))
                    xml.element("ram:Reason", "Remise")
                }
            }
            xml.element("ram:SpecifiedTradeSettlementLineMonetarySummation") { xml in
                xml.element("ram:LineTotalAmount", amount(line.net))
            }
        }
    }

    /// S: taxed; E: exempt, with its reason; Z: at zero (BT-118, UNCL 5305).
    private func category(of rate: BasisPoints, isExempt: Bool) -> String {
        if rate.value > 0 { return "S" }
        return isExempt ? "E" : "Z"
    }
}

// MARK: How much

extension FacturX {
    /// BG-16, BG-17 and BG-19 to BG-23.
    private func settlement(_ xml: inout XMLWriter) {
        xml.element("ram:InvoiceCurrencyCode", document.currency.code)
        if let account = document.payableTo { write(account, &xml) }
        for group in document.vatGroups { write(group, &xml) }
        for allowance in document.allowances {
            xml.element("ram:SpecifiedTradeAllowanceCharge") { xml in
                xml.element("ram:ChargeIndicator") { $0.element("udt:Indicator", "false") }
                xml.element("ram:ActualAmount", amount(allowance.amount))
                xml.element("ram:Reason", "Remise")
                xml.element("ram:CategoryTradeTax") { xml in
                    xml.element("ram:TypeCode", "VAT")
                    xml.element("ram:CategoryCode", category(of: allowance.rate, isExempt: allowance.isExempt))
                    xml.element("ram:RateApplicablePercent", decimal(Int64(allowance.rate.value), digits: 2))
                }
            }
        }
        xml.element("ram:SpecifiedTradePaymentTerms") { xml in
            xml.element(optional: "ram:Description", LegalNotes(document).terms)
            if let day = document.dueOn { xml.element("ram:DueDateDateTime") { write(day, &$0) } }
        }
        xml.element("ram:SpecifiedTradeSettlementHeaderMonetarySummation") { totals(&$0) }
        for reference in document.references {
            xml.element("ram:InvoiceReferencedDocument") { xml in
                xml.element("ram:IssuerAssignedID", reference.number)
                if let day = reference.issuedOn {
                    xml.element("ram:FormattedIssueDateTime") { xml in
                        xml.element("qdt:DateTimeString", compact(day), ["format": "102"])
                    }
                }
            }
        }
    }

    /// BG-17: 30 is a transfer (UNTDID 4461).
    private func write(_ account: BankAccount, _ xml: inout XMLWriter) {
        xml.element("ram:SpecifiedTradeSettlementPaymentMeans") { xml in
            xml.element("ram:TypeCode", "30")
            xml.element("ram:PayeePartyCreditorFinancialAccount") { $0.element("ram:IBANID", account.iban) }
            if let bic = account.bic {
                xml.element("ram:PayeeSpecifiedCreditorFinancialInstitution") { $0.element("ram:BICID", bic) }
            }
        }
    }

    /// BG-23; what is exempt says why (BR-E-10).
    private func write(_ group: VATGroup, _ xml: inout XMLWriter) {
        let share = group.share
        let category = category(of: share.rate, isExempt: group.isExempt)
        let reasons = category == "E" ? LegalNotes(document).exemptions : []
        xml.element("ram:ApplicableTradeTax") { xml in
            xml.element("ram:CalculatedAmount", amount(share.vat))
            xml.element("ram:TypeCode", "VAT")
            xml.element(optional: "ram:ExemptionReason", reasons.joined(separator: " ; "))
            xml.element("ram:BasisAmount", amount(share.base))
            xml.element("ram:CategoryCode", category)
            xml.element(
                optional: "ram:ExemptionReasonCode",
                reasons == [LegalNotes.exemption] ? "VATEX-FR-FRANCHISE" : nil)
            if category == "S" { xml.element(optional: "ram:DueDateTypeCode", taxPoint) }
            xml.element("ram:RateApplicablePercent", decimal(Int64(share.rate.value), digits: 2))
        }
    }

    /// BT-8, when VAT is owed (CGI 269): 5 when billed, 29 when delivered, 72 when paid (UNTDID 2475).
    ///
    /// EN 16931 has one for the whole document: nil where it is not the same for all of it, or nobody said what it is.
    private var taxPoint: String? {
        let ofServices = document.seller.vatScheme == .onDebits ? "5" : "72"
        // What has no day of supply is a deposit, or takes one off: of goods, too, it is owed when it is paid.
        let ofGoods = document.suppliedOn == nil ? "72" : "29"
        return switch document.operations {
        case .services: ofServices
        case .goods: ofGoods
        case .both, nil: ofGoods == ofServices ? ofGoods : nil
        }
    }

    /// BG-22.
    private func totals(_ xml: inout XMLWriter) {
        let zero = Money.zero(document.currency)
        let lines = document.lines.reduce(0) { $0 + $1.net.minorUnits }
        let allowances = document.allowances.reduce(0) { $0 + $1.amount.minorUnits }
        let vat = document.vat
        xml.element("ram:LineTotalAmount", amount(Money(lines, document.currency)))
        xml.element("ram:ChargeTotalAmount", amount(zero))
        xml.element("ram:AllowanceTotalAmount", amount(Money(allowances, document.currency)))
        xml.element("ram:TaxBasisTotalAmount", amount(vat.net))
        xml.element("ram:TaxTotalAmount", amount(vat.vat), ["currencyID": document.currency.code])
        xml.element("ram:GrandTotalAmount", amount(vat.total))
        xml.element("ram:TotalPrepaidAmount", amount(zero))
        xml.element("ram:DuePayableAmount", amount(vat.total))
    }

    private func amount(_ money: Money) -> String { money.decimalText(separator: ".") }

    private func decimal(_ scaled: Int64, digits: Int) -> String {
        FixedPoint.text(scaled, digits: digits, separator: ".")
    }

    /// `20261120`.
    private func compact(_ day: LocalDate) -> String { day.description.filter { $0 != "-" } }

    private func write(_ day: LocalDate, _ xml: inout XMLWriter) {
        xml.element("udt:DateTimeString", compact(day), ["format": "102"])
    }
}

extension IssuedDocument.Kind {
    /// BT-3 (UNTDID 1001).
    var code: String {
        switch self {
        case .invoice: "380"
        case .deposit: "386"
        case .creditNote: "381"
        case .quote: "310"
        }
    }
}
