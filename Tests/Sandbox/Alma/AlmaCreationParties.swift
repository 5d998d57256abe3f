// The parts of a creation request that describe people, places and goods.
extension AlmaCreation {
    static func checkCustomer(_ customer: JSON, _ check: inout AlmaValidation) {
        for key in ["first_name", "last_name", "business_name"] {
            _ = check.text(customer, key, at: "customer.", lengthMax: 200)
        }
        if let email = check.text(customer, "email", at: "customer."), !isEmail(email) {
            check.report("customer.email", "invalid_value", "Adresse e-mail invalide", value: .text(email))
        }
        if let phone = check.text(customer, "phone", at: "customer."), !isPhone(phone) {
            check.report("customer.phone", "invalid_value", "Numéro de téléphone invalide", value: .text(phone))
        }
        if let birth = check.text(customer, "birth_date", at: "customer."), CivilDate(birth) == nil {
            check.report("customer.birth_date", "invalid_value", "Date invalide", value: .text(birth))
        }
    }

    static func address(_ payment: JSON, _ key: String, _ check: inout AlmaValidation) -> JSON {
        guard payment.given(key) != nil else { return .null }
        let address = check.object(payment, key, at: "payment.")
        if let country = check.text(address, "country", at: "payment.\(key)."), !country.isEmpty {
            let isCode = country.utf8.count == 2 && country.utf8.allSatisfy { (65...90).contains($0) }
            if !isCode {
                check.report("payment.\(key).country", "invalid_value", "Code pays invalide", value: .text(country))
            }
        }
        return address
    }

    static func cart(_ payment: JSON, _ check: inout AlmaValidation) -> JSON {
        guard payment.given("cart") != nil else { return .null }
        let cart = check.object(payment, "cart", at: "payment.")
        for (index, item) in (cart["items"]?.asList ?? []).enumerated() {
            let path = "payment.cart.items[\(index)]."
            for key in ["title", "quantity", "line_price", "picture_url"] where item.given(key) == nil {
                check.report(path + key, "missing_field", "Ce champ est obligatoire")
            }
            _ = check.integer(item, "line_price", at: path, in: 0...Int64(Int32.max))
        }
        return cart
    }

    static func isEmail(_ text: String) -> Bool {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".") && !text.contains(" ")
    }

    static func isPhone(_ text: String) -> Bool {
        let digits = text.filter(\.isNumber).count
        return (6...15).contains(digits) && text.allSatisfy { $0.isNumber || "+ .-()".contains($0) }
    }
}
