//! Which part of a list a page is, and where the others are.

use serde_json::Value;

use crate::exchange::{Reply, Request};

/// One page, counted from 1.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Page {
    pub(crate) number: usize,
    pub(crate) size: usize,
}

impl Page {
    /// What was asked for, with the size clamped. What is no number counts as not asked.
    pub(crate) fn of(request: &Request, size: &str, default: usize, most: usize) -> Self {
        let number = |name| request.param(name).and_then(|text| text.parse::<usize>().ok());
        let size = number(size).filter(|size| *size > 0).unwrap_or(default).min(most);
        Self { number: number("page").unwrap_or(1).max(1), size }
    }

    /// What is on it.
    pub(crate) fn of_all<'a, T>(&self, all: &'a [T]) -> impl Iterator<Item = &'a T> {
        let before = (self.number - 1).saturating_mul(self.size);
        all.iter().skip(before).take(self.size)
    }

    /// The last page; 1 where there is nothing.
    pub(crate) fn last(&self, total: usize) -> usize {
        total.div_ceil(self.size).max(1)
    }

    pub(crate) fn next(&self, total: usize) -> Option<usize> {
        (self.number < self.last(total)).then_some(self.number + 1)
    }

    pub(crate) fn previous(&self) -> Option<usize> {
        (self.number > 1).then_some(self.number - 1)
    }

    /// This page of a list as JSON, with links to the others at this path.
    pub(crate) fn reply<T>(
        &self,
        request: &Request,
        path: &str,
        all: &[T],
        show: impl Fn(&T) -> Value,
    ) -> Reply {
        let reply = Reply::json(200, &Value::Array(self.of_all(all).map(show).collect()));
        match self.links(request, path, all.len()) {
            Some(links) => reply.with("link", links),
            None => reply,
        }
    }

    /// The `Link` header: the address that was asked, with only the page another. `None` where
    /// there is one page.
    fn links(&self, request: &Request, path: &str, total: usize) -> Option<String> {
        let next = self.next(total);
        let pages = [
            ("next", next),
            ("last", next.map(|_| self.last(total))),
            ("first", self.previous().map(|_| 1)),
            ("prev", self.previous()),
        ];
        let link = |(rel, page): (&str, Option<usize>)| {
            let query = query(request, page?);
            Some(format!("<{}{path}?{query}>; rel=\"{rel}\"", request.base()))
        };
        let links: Vec<_> = pages.into_iter().filter_map(link).collect();
        (!links.is_empty()).then(|| links.join(", "))
    }
}

fn query(request: &Request, page: usize) -> String {
    let page = ("page".to_owned(), page.to_string());
    let others = request.query.iter().filter(|(name, _)| name != "page");
    let encoded = |text: &str| {
        percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
    };
    let pairs = others.chain([&page]).map(|(name, value)| format!("{name}={}", encoded(value)));
    pairs.collect::<Vec<_>>().join("&")
}
