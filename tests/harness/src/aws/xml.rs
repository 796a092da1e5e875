//! Reads the few elements we need of `CloudFormation`'s XML, which nests no element in itself.

/// The text of the first `name` element.
#[must_use]
pub fn element(xml: &str, name: &str) -> Option<String> {
    elements(xml, name).into_iter().next().map(unescape)
}

/// The inner XML of every `name` element, in order.
#[must_use]
pub fn elements<'a>(xml: &'a str, name: &str) -> Vec<&'a str> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let mut found = Vec::new();
    let mut rest = xml;
    while let Some(start) = rest.find(&open) {
        let inner = &rest[start + open.len()..];
        let Some(end) = inner.find(&close) else {
            break;
        };
        found.push(&inner[..end]);
        rest = &inner[end + close.len()..];
    }
    found
}

fn unescape(text: &str) -> String {
    let mut text = text.to_owned();
    for (from, to) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#39;", "'")] {
        text = text.replace(from, to);
    }
    text.replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_are_read_in_order_and_unescaped() {
        let xml = "<a><member><k>x</k><v>1 &lt; 2</v></member><member><k>y</k></member></a>";
        let members = elements(xml, "member");
        assert_eq!(members.len(), 2);
        assert_eq!(element(members[0], "v").as_deref(), Some("1 < 2"));
        assert_eq!(element(members[1], "v"), None);
    }

    #[test]
    fn an_unclosed_element_is_not_there() {
        assert_eq!(elements("<member>half", "member"), Vec::<&str>::new());
    }
}
